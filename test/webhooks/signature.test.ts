import { randomBytes } from 'node:crypto';
import { Webhook as StandardWebhook } from 'standardwebhooks';
import { Webhook as SvixWebhook } from 'svix';
import { newWebhookSecret, signingKey, signMessage } from '../../webhooks/signature';

const BODY = '{"type":"job.matched","data":{"title":"Déjà vu – 日本"}}';

function headersFor(secrets: string[], { id = 'evt_1', body = BODY } = {}) {
  const timestampSeconds = Math.floor(Date.now() / 1_000);
  const signature = signMessage(secrets.map(signingKey), { id, timestampSeconds, body: Buffer.from(body) });
  return {
    'webhook-id': id,
    'webhook-timestamp': String(timestampSeconds),
    'webhook-signature': signature,
  };
}

describe('the signature of a webhook', () => {
  it('is the published one of the specification', () => {
    const signature = signMessage([signingKey('whsec_plJ3nmyCDGBKInavdOK15jsl')], {
      id: 'msg_loFOjxBNrRLzqYUf',
      timestampSeconds: 1731705121,
      body: Buffer.from('{"event_type":"ping","data":{"success":true}}'),
    });
    expect(signature).toBe('v1,rAvfW3dJ/X/qxhsaXPOyyCGmRKsaKWcsNccKXlIktD0=');
  });

  describe.each([
    ['standardwebhooks', StandardWebhook],
    ['svix', SvixWebhook],
  ])('as %s verifies it', (_name, Webhook) => {
    it('holds for the secret that signed', () => {
      const secret = newWebhookSecret();
      expect(new Webhook(secret).verify(BODY, headersFor([secret]))).toEqual(JSON.parse(BODY));
    });

    it('holds for either secret while a rotation runs', () => {
      const secrets = [newWebhookSecret(), newWebhookSecret()];
      const headers = headersFor(secrets);
      expect(headers['webhook-signature'].split(' ')).toHaveLength(2);
      for (const secret of secrets) expect(() => new Webhook(secret).verify(BODY, headers)).not.toThrow();
    });

    it.each([24, 32, 64])('holds for a secret of %d bytes', (length) => {
      const secret = `whsec_${randomBytes(length).toString('base64')}`;
      expect(() => new Webhook(secret).verify(BODY, headersFor([secret]))).not.toThrow();
    });

    it('fails for another secret, another body, another id and another time', () => {
      const secret = newWebhookSecret();
      const headers = headersFor([secret]);
      const webhook = new Webhook(secret);
      expect(() => new Webhook(newWebhookSecret()).verify(BODY, headers)).toThrow();
      expect(() => webhook.verify(BODY.replace('vu', 'vue'), headers)).toThrow();
      expect(() => webhook.verify(BODY, { ...headers, 'webhook-id': 'evt_2' })).toThrow();
      const later = String(Number(headers['webhook-timestamp']) + 1);
      expect(() => webhook.verify(BODY, { ...headers, 'webhook-timestamp': later })).toThrow();
    });
  });
});

describe('the secret of a webhook', () => {
  it('is whsec_ and 24 bytes in base64, and another one every time', () => {
    const secrets = Array.from({ length: 100 }, newWebhookSecret);
    for (const secret of secrets) {
      expect(secret).toMatch(/^whsec_[A-Za-z0-9+/]{32}$/);
      expect(Buffer.from(secret.slice(6), 'base64')).toHaveLength(24);
    }
    expect(new Set(secrets).size).toBe(100);
  });

  it.each([
    ['has no prefix', randomBytes(24).toString('base64')],
    ['is too short', `whsec_${randomBytes(15).toString('base64')}`],
    ['is too long', `whsec_${randomBytes(65).toString('base64')}`],
    ['is no base64', `whsec_${'?'.repeat(32)}`],
    ['is empty', ''],
  ])('signs nothing when it %s, and the error does not show it', (_what, secret) => {
    expect(() => signingKey(secret)).toThrow(expect.objectContaining({ code: 'internal' }));
    expect(() => signingKey(secret)).toThrow(/^A webhook secret is not whsec_ and/);
  });
});
