import fc from 'fast-check';
import { exampleJobView } from '../../../api/examples';
import { EVENT_KINDS, exampleEvent } from '../../../domain/webhooks/events';
import { checkFormatOptions, formatWebhook } from '../../../domain/webhooks/formats';
import { MAX_BODY_BYTES } from '../../../domain/webhooks/formats/fit';
import { RECORD_VALUES } from '../../../domain/webhooks/formats/record';
import {
  type FormatOptions,
  type WebhookEvent,
  WEBHOOK_FORMATS,
  type WebhookFormat,
} from '../../../domain/webhooks/message';

const HOSTILE = [
  '@everyone',
  '<!channel>',
  '<@U012AB3CD>',
  '[log in](https://evil.example)',
  '<https://evil.example|log in>',
  '<script>alert(1)</script>',
  '&amp;&lt;',
  '&'.repeat(50),
  '\\'.repeat(51),
  '*_~`|#>-',
  '\n# heading\n> quote\n- item',
  '👩‍👩‍👧‍👦',
  '🙂'.repeat(40),
  'שלום \u202eabc\u202c',
  'Ünïcödé',
  '"quoted" \\ \t \u0001',
  '\ud83d',
  'https://example.com/a_b_c?d=*e*',
  '',
  ' ',
];
const hostileText = (most: number) =>
  fc
    .tuple(
      fc.array(fc.oneof(fc.constantFrom(...HOSTILE), fc.string({ unit: 'binary', maxLength: 30 })), {
        maxLength: 40,
      }),
      fc.integer({ min: 1, max: Math.max(1, most / 500) }),
    )
    .map(([pieces, times]) => pieces.join('').repeat(times).slice(0, most));

const hostileEvent = fc
  .record({
    type: fc.constantFrom('job.matched', 'job.updated', 'job.closed'),
    title: hostileText(500),
    description: fc.option(hostileText(100_000)),
    skills: fc.array(hostileText(100), { maxLength: 100 }),
    city: fc.option(hostileText(500)),
    search: hostileText(200),
    searches: fc.constantFrom(0, 1, 7, 300),
    replayed: fc.boolean(),
    hasHalfPairs: fc.boolean(),
  })
  .map(({ hasHalfPairs, ...given }) => {
    const event = eventOf(given);
    const whole = (_name: string, value: unknown) =>
      typeof value === 'string' ? value.toWellFormed() : value;
    return hasHalfPairs ? event : (JSON.parse(JSON.stringify(event), whole) as WebhookEvent);
  });

function eventOf({
  type,
  title,
  description,
  skills,
  city,
  search,
  searches,
  replayed,
}: {
  type: string;
  title: string;
  description: string | null;
  skills: string[];
  city: string | null;
  search: string;
  searches: number;
  replayed: boolean;
}): WebhookEvent {
  const job = { ...exampleJobView, title, description, skills };
  return {
    id: `evt_${'0'.repeat(32)}`,
    type,
    created_at: '2026-01-20T09:04:33.000Z',
    ...(replayed && { replayed }),
    data: {
      job: { ...job, buyer: { ...job.buyer, city } },
      saved_searches: Array.from({ length: searches }, (_, n) => ({ id: `s${n}`, name: search })),
      ...(type === 'job.updated' && { changed_fields: ['title', 'budget'] }),
    },
  };
}

const OPTIONS: Readonly<Record<WebhookFormat, FormatOptions>> = {
  json: {},
  slack: {},
  discord: {},
  telegram: { chat_id: '-1001234567890' },
  hubspot: {},
  salesforce: {},
};
const EVERY_FIELD = Object.fromEntries(
  Array.from({ length: 50 }, (_, n) => [`field_${n}`, n < 25 ? 'description' : RECORD_VALUES[n]!]),
);

const known = Object.entries(EVENT_KINDS).map(([type, kind]) => exampleEvent(type, kind, exampleJobView));
const unknown: WebhookEvent = {
  id: `evt_${'1'.repeat(32)}`,
  type: 'moon.risen',
  created_at: '2026-01-20T09:04:33.000Z',
  data: { phase: 'full', text: 'x'.repeat(100_000) },
};
const misshapen: WebhookEvent = { ...unknown, type: 'job.matched', data: { job: { title: 3 } } };

const bytesOf = (text: string) => Buffer.byteLength(text);

/** Objects with the members of a service's message that are read here. */
interface SlackMessage {
  text: string;
  blocks: { type: string; text?: SlackText; fields?: SlackText[]; elements?: SlackText[] }[];
}
interface SlackText {
  type: string;
  text: string;
  verbatim: boolean;
}
interface Embed {
  title: string;
  url?: string;
  description?: string;
  fields: { name: string; value: string }[];
  footer: { text: string };
}
interface TelegramMessage {
  chat_id: string;
  text: string;
  entities: { type: string; offset: number; length: number; url?: string }[];
}

const CHECKS: Readonly<Record<WebhookFormat, (body: string) => void>> = {
  json: () => undefined,
  slack: (body) => {
    const message = JSON.parse(body) as SlackMessage;
    expect(message.text.length).toBeLessThanOrEqual(4_000);
    expect(message.blocks.length).toBeLessThanOrEqual(50);
    const lengths = message.blocks.flatMap(({ text, fields = [], elements = [] }) => {
      expect(fields.length).toBeLessThanOrEqual(10);
      for (const each of fields) expect(each.text.length).toBeLessThanOrEqual(2_000);
      return [...(text ? [text] : []), ...fields, ...elements].map((each) => {
        expect(each).toMatchObject({ type: 'mrkdwn', verbatim: true });
        expect(each.text.length).toBeGreaterThan(0);
        expect(each.text.length).toBeLessThanOrEqual(3_000);
        // The one link is ours; nothing else is more than text.
        const unlinked = each.text.replace(/^\*<https:\/\/www\.upwork\.com\/[^<>|]*\|([^<>]*)>\*$/, '$1');
        expect(unlinked).not.toMatch(/[<>]|&(?!amp;|lt;|gt;)/);
        return each.text.length;
      });
    });
    expect(lengths.reduce((sum, length) => sum + length, 0)).toBeLessThan(13_000);
    expect(message.text).not.toMatch(/[<>]|&(?!amp;|lt;|gt;)/);
  },
  discord: (body) => {
    const message = JSON.parse(body) as { allowed_mentions: object; embeds: [Embed] };
    expect(message.allowed_mentions).toEqual({ parse: [] });
    expect(message.embeds).toHaveLength(1);
    const [{ title, description, fields, footer }] = message.embeds;
    const within = (text: string, most: number) => {
      expect(text.trim().length).toBeGreaterThan(0);
      expect(text.length).toBeLessThanOrEqual(most);
      // No sign of Markdown but one that is escaped, or stands in an address; no escape that escapes nothing.
      const plain = text.replace(/\\[\\*_~`|<[\]#>+-]|https?:\/\/[^\s<>()[\]\\|*~`]+/g, 'x');
      expect(plain).not.toMatch(/[\\*_~`|<[\]]|^[ \t]*[#>]/m);
      return text.length;
    };
    expect(fields.length).toBeLessThanOrEqual(25);
    const lengths = [
      within(title, 256),
      description === undefined ? 0 : within(description, 4_096),
      ...fields.flatMap(({ name, value }) => [within(name, 256), within(value, 1_024)]),
      footer.text.length,
    ];
    expect(lengths.reduce((sum, length) => sum + length, 0)).toBeLessThanOrEqual(6_000);
  },
  telegram: (body) => {
    const { chat_id: chat, text, entities } = JSON.parse(body) as TelegramMessage;
    expect(chat).toBe('-1001234567890');
    expect(text.trim().length).toBeGreaterThan(0);
    expect(text.length).toBeLessThanOrEqual(4_096);
    for (const { offset, length } of entities) {
      expect(length).toBeGreaterThan(0);
      // The second line, whole: the title.
      expect(text.split('\n')[1]).toBe(text.slice(offset, offset + length));
    }
  },
  hubspot: (body) => {
    const { properties } = JSON.parse(body) as { properties: Record<string, unknown> };
    for (const value of Object.values(properties)) {
      expect(typeof value).toBe('string');
      expect((value as string).length).toBeLessThanOrEqual(65_536);
    }
  },
  salesforce: (body) => {
    const record = JSON.parse(body) as Record<string, unknown>;
    for (const [name, value] of Object.entries(record)) {
      expect(['string', 'number', 'boolean']).toContain(typeof value);
      if (name === 'Description') expect(bytesOf(String(value))).toBeLessThanOrEqual(32_000);
    }
  },
};

describe.each(WEBHOOK_FORMATS)('the format %s', (format) => {
  it('keeps the limits of the service, whatever a posting says, and cuts no character in half', () => {
    fc.assert(
      fc.property(hostileEvent, (event) => {
        const body = formatWebhook(format, event, OPTIONS[format]);
        expect(bytesOf(body)).toBeLessThanOrEqual(MAX_BODY_BYTES);
        CHECKS[format](body);
        // Halves of pairs that the posting came with are none of ours.
        if (JSON.stringify(event.data).includes('\\ud')) return;
        expect(body).not.toMatch(/\\ud[89a-f]/);
      }),
      { numRuns: 150 },
    );
  });

  it.each([...known, unknown, misshapen].map((event) => [event.type, event] as const))(
    'has a form for %s',
    (_type, event) => {
      const body = formatWebhook(format, event, OPTIONS[format]);
      expect(bytesOf(body)).toBeLessThanOrEqual(MAX_BODY_BYTES);
      CHECKS[format](body);
      expect(JSON.parse(body)).toEqual(expect.any(Object));
    },
  );
});

describe('a message', () => {
  const [matched, updated, closed, usage] = known as [WebhookEvent, WebhookEvent, WebhookEvent, WebhookEvent];

  it('to Slack says what has happened, with a link to the posting and what matters of it', () => {
    const { text, blocks } = JSON.parse(formatWebhook('slack', matched)) as SlackMessage;
    expect(text).toBe('New job: Build a booking page in React');
    expect(blocks[1]!.text!.text).toBe(
      '*<https://www.upwork.com/jobs/~021880000000000000001|Build a booking page in React>*',
    );
    expect(blocks[2]!.fields!.map((field) => field.text)).toEqual(
      expect.arrayContaining([
        '*Saved search*\nReact, fixed price',
        '*Pay*\n1,500 USD',
        '*Client*\nChur, CH, payment verified, 12,400 USD spent, 8 hires',
      ]),
    );
    expect(blocks[3]!.text!.text).toBe(exampleJobView.description);
  });

  it('to Discord leaves addresses whole, and shows what looks like Markdown as it was written', () => {
    const job = { ...exampleJobView, description: '**Now** see https://example.com/a_b\n# [x](y)' };
    const event = { ...matched, data: { ...matched.data, job } };
    const { embeds } = JSON.parse(formatWebhook('discord', event)) as { embeds: [Embed] };
    expect(embeds[0].description).toBe('\\*\\*Now\\*\\* see https://example.com/a_b\n\\# \\[x\\](y)');
    expect(embeds[0].url).toBe(exampleJobView.url);
  });

  it('tells which fields of a job have changed, that it has closed, and that an event is sent anew', () => {
    const shown = (event: WebhookEvent) =>
      (JSON.parse(formatWebhook('telegram', event, { chat_id: '1' })) as TelegramMessage).text;
    expect(shown(updated)).toMatch(/^Job changed\nBuild .*\nChanged: budget, skills\n/s);
    expect(shown(closed)).toMatch(/^Job closed\nBuild /);
    expect(shown({ ...matched, replayed: true })).toMatch(/^New job \(sent anew\)\nBuild /);
    expect(shown(usage)).toBe(
      'Usage\n75 % of the calls are used\n\n18,750 of 25,000 calls are used. The period ends on 2026-02-01 09:00 UTC.',
    );
  });

  it('has no marks that turn the direction of what stands around a text', () => {
    const job = { ...exampleJobView, title: 'a\u202eb\u2066c' };
    const { text } = JSON.parse(
      formatWebhook('slack', { ...matched, data: { ...matched.data, job } }),
    ) as SlackMessage;
    expect(text).toBe('New job: abc');
  });
});

describe('a record of a CRM', () => {
  const [matched, , , usage] = known as [WebhookEvent, WebhookEvent, WebhookEvent, WebhookEvent];
  const recordOf = (format: WebhookFormat, options: FormatOptions, event = matched) =>
    JSON.parse(formatWebhook(format, event, options)) as Record<string, unknown>;

  it('in HubSpot is a deal with its name, amount and description as texts', () => {
    expect(recordOf('hubspot', {})).toEqual({
      properties: {
        dealname: 'Build a booking page in React',
        amount: '1500',
        description: expect.stringMatching(/^New job\nSaved search: React, fixed price\n.*huts/s),
      },
    });
  });

  it('in Salesforce is a lead with all that a lead must have', () => {
    expect(recordOf('salesforce', {})).toEqual({
      LastName: 'Build a booking page in React',
      Company: 'Upwork client',
      Title: 'Build a booking page in React',
      Website: exampleJobView.url,
      Description: expect.stringMatching(/^New job\n.*huts/s),
    });
  });

  it('has the fields that the map names, with the type of each value in Salesforce, and none without a value', () => {
    const fields = {
      Budget__c: 'budget.fixed_amount',
      Verified__c: 'buyer.payment_verified',
      Skills__c: 'skills',
      Industry: 'buyer.company_industry',
      LeadSource: '=Upwork',
      Event__c: 'event.id',
    };
    expect(recordOf('salesforce', { fields })).toEqual({
      Budget__c: 1_500,
      Verified__c: true,
      Skills__c: 'react;typescript;postgresql',
      LeadSource: 'Upwork',
      Event__c: matched.id,
      LastName: 'Build a booking page in React',
      Company: 'Upwork client',
    });
    expect(recordOf('salesforce', { object: 'Posting__c', fields: { Name: 'title' } })).toEqual({
      Name: 'Build a booking page in React',
    });
  });

  it('keeps what must be there when the job has nothing for it', () => {
    const fields = { Company: 'buyer.company_industry', LastName: 'ciphertext' };
    expect(recordOf('salesforce', { fields })).toEqual({
      Company: 'Upwork client',
      LastName: '~021880000000000000001',
    });
  });

  it('stays within the lengths of the fields of a lead', () => {
    const job = { ...exampleJobView, title: '🙂'.repeat(250), description: 'ä'.repeat(50_000) };
    const lead = recordOf('salesforce', {}, { ...matched, data: { ...matched.data, job } });
    expect((lead.LastName as string).length).toBeLessThanOrEqual(80);
    expect((lead.LastName as string).length).toBeGreaterThan(77);
    expect((lead.Title as string).length).toBeLessThanOrEqual(128);
    expect(bytesOf(lead.Description as string)).toBeLessThanOrEqual(32_000);
    expect(bytesOf(lead.Description as string)).toBeGreaterThan(31_990);
  });

  it('is within 256 KiB with fifty fields of long texts', () => {
    const job = { ...exampleJobView, description: '"日本"'.repeat(12_000) };
    const event = { ...matched, data: { ...matched.data, job } };
    for (const format of ['hubspot', 'salesforce'] as const) {
      const body = formatWebhook(format, event, { fields: EVERY_FIELD });
      expect(bytesOf(body)).toBeLessThanOrEqual(MAX_BODY_BYTES);
      expect(bytesOf(body)).toBeGreaterThan(MAX_BODY_BYTES / 4);
      CHECKS[format](body);
    }
  });

  it('of what is about no job says what has happened', () => {
    expect(recordOf('hubspot', {}, usage)).toEqual({
      properties: {
        dealname: '75 % of the calls are used',
        description: expect.stringMatching(/^Usage\n\n18,750 of 25,000/),
      },
    });
  });
});

describe('options of a format', () => {
  it.each<[WebhookFormat, object]>([
    ['json', {}],
    ['telegram', { chat_id: '-1001234567890' }],
    ['telegram', { chat_id: '@hiking_huts' }],
    ['hubspot', {}],
    ['hubspot', { object: 'tickets' }],
    ['hubspot', { object: '2-1234567', fields: { name: 'title', stage: '=new' } }],
    ['salesforce', { object: 'Posting__c', fields: { Name: 'title', Pay__c: 'budget.fixed_amount' } }],
    [
      'salesforce',
      { fields: Object.fromEntries(RECORD_VALUES.slice(0, 50).map((name, n) => [`F${n}`, name])) },
    ],
  ])('are taken: %s %j', (format, options) => {
    expect(checkFormatOptions(format, options)).toEqual([]);
  });

  it.each<[WebhookFormat, unknown, object]>([
    ['slack', null, { parameter: 'format_options' }],
    ['slack', [], { parameter: 'format_options' }],
    ['slack', { chat_id: '1' }, { parameter: 'format_options.chat_id', received: '1' }],
    ['telegram', {}, { parameter: 'format_options.chat_id' }],
    ['telegram', { chat_id: 12 }, { parameter: 'format_options.chat_id' }],
    ['telegram', { chat_id: 'hiking huts' }, { received: 'hiking huts' }],
    [
      'telegram',
      { chat_id: '1', chatid: '1' },
      { parameter: 'format_options.chatid', did_you_mean: 'chat_id' },
    ],
    ['hubspot', { object: 'a/b' }, { parameter: 'format_options.object' }],
    ['hubspot', { object: 'contacts' }, { parameter: 'format_options.fields' }],
    ['hubspot', { object: 'deal' }, { parameter: 'format_options.fields', did_you_mean: 'deals' }],
    ['hubspot', { fields: {} }, { message: 'There are 1 to 50 fields, not 0.' }],
    ['hubspot', { fields: [] }, { parameter: 'format_options.fields' }],
    ['hubspot', { fields: { dealName: 'title' } }, { parameter: 'format_options.fields.dealName' }],
    ['hubspot', { fields: { dealname: 7 } }, { parameter: 'format_options.fields.dealname' }],
    ['hubspot', { fields: { dealname: 'titles' } }, { did_you_mean: 'title', received: 'titles' }],
    ['hubspot', { fields: { amount: 'budget.fixed_amout' } }, { did_you_mean: 'budget.fixed_amount' }],
    ['hubspot', { fields: { a: 'toString' } }, { parameter: 'format_options.fields.a' }],
    ['salesforce', { fields: { LeadSource: '=' } }, { parameter: 'format_options.fields.LeadSource' }],
    ['salesforce', { fields: { A: `=${'x'.repeat(256)}` } }, { parameter: 'format_options.fields.A' }],
    ['salesforce', { fields: JSON.parse('{"__proto__":"title"}') }, { received: '__proto__' }],
  ])('are refused: %s %j', (format, options, fault) => {
    expect(checkFormatOptions(format, options)).toEqual([expect.objectContaining(fault)]);
  });

  it('are refused with every fault at once', () => {
    const fields = Object.fromEntries(Array.from({ length: 51 }, (_, n) => [`f${n}`, 'title']));
    const faults = checkFormatOptions('hubspot', { object: '', fields, chat: 'x' });
    expect(faults.map(({ parameter }) => parameter)).toEqual([
      'format_options.chat',
      'format_options.object',
      'format_options.fields',
    ]);
  });
});
