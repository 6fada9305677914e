import type { AddressInfo } from 'node:net';
import express from 'express';
import { Pool } from 'pg';
import { printJson } from '../bin/commands/output';

/** As many connections as the API has. */
const POOL_SIZE = 10;

/**
 * A process of its own: the least that an API over the same jobs could do. Express and nothing else, one select by an index, the rows
 * as they are. Takes the database's URL; prints its port as a line of JSON, and serves until it is ended.
 */
function main(databaseUrl: string): void {
  const pool = new Pool({
    connectionString: databaseUrl,
    max: POOL_SIZE,
    application_name: 'bench bare route',
  });
  const app = express();
  app.get('/one', async (request, response) => {
    const { rows } = await pool.query<object>('select id, content from jobs where id = $1', [
      request.query.id,
    ]);
    response.json({ data: rows });
  });
  app.get('/page', async (_request, response) => {
    const { rows } = await pool.query<object>(
      'select id, content, posted_on from jobs order by posted_on desc, id desc limit 20',
    );
    response.json({ data: rows });
  });
  const server = app.listen(0, '127.0.0.1', () => {
    printJson({ port: (server.address() as AddressInfo).port });
  });
}

main(process.argv[2] ?? '');
