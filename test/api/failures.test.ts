import express from 'express';
import pino from 'pino';
import supertest from 'supertest';
import { failures } from '../../api/middleware/failures';
import { requestContext } from '../../api/middleware/requestContext';

describe('bodies that cannot be read', () => {
  const app = express();
  app.use(requestContext(() => '2026-01-20T12:00:00.000Z'));
  app.use(express.json());
  app.use(failures(pino({ level: 'silent' })));

  it.each(['gzip', 'deflate', 'br'])('answers 400 to a body that is not the %s it says', async (encoding) => {
    const response = await supertest(app)
      .post('/')
      .set({ 'Content-Type': 'application/json', 'Content-Encoding': encoding })
      .send('{"plain": "text"}');
    expect(response.status).toBe(400);
    expect(response.body).toMatchObject({ code: 'invalid_parameter', errors: [{ parameter: 'body' }] });
  });
});
