import { renderLetter } from '../../mail/templates/letter';
import { CONTACTS, KEY, LETTERS, usageNotice } from './letters';

const PAID = { planName: 'Professional', quota: 25_000, overageCentsPerCall: 1 };

describe('letters', () => {
  it.each(Object.entries(LETTERS))(
    'say the same as text and as HTML, and whom to ask: %s',
    (_name, letter) => {
      expect(letter.subject).not.toMatch(/[\r\n]/);
      expect(letter.text).toContain('support@jobs.example');
      expect(letter.html).toContain('mailto:support@jobs.example');
      const shown = letter.html
        .replace(/<style.*?<\/style>|<[^>]+>/gs, ' ')
        .replace(/&apos;/g, "'")
        .replace(/&quot;/g, '"')
        .replace(/&amp;/g, '&')
        .replace(/\s+/g, ' ');
      const paragraphs = letter.text.split('\n\n').filter((part) => !/^(--|\[|.*: ?http| {4})/.test(part));
      for (const paragraph of paragraphs)
        expect(shown).toContain(paragraph.replace(/:$/, '').replace(/\n/g, ' ').trim());
    },
  );

  it('are text of short lines, which no mail program breaks: a key is whole in the file of the message, too', () => {
    for (const { text } of Object.values(LETTERS))
      expect(Math.max(...text.split('\n').map((line) => line.length))).toBeLessThanOrEqual(76);
  });

  it('fetch nothing when they are opened, so that nobody learns of it', () => {
    for (const { html } of Object.values(LETTERS))
      expect(html).not.toMatch(/<(img|link|script|iframe|style)\b|url\(|@import/i);
  });

  it('stay whole whatever is put into them', () => {
    const hostile = '<script>alert("x")</script> & \'y\'';
    const { html, text } = renderLetter(
      {
        subject: hostile,
        preview: hostile,
        heading: hostile,
        blocks: [
          { kind: 'paragraph', text: hostile },
          { kind: 'secret', label: hostile, value: hostile },
          { kind: 'command', text: hostile },
          { kind: 'gauge', percent: 1e9, label: hostile },
          { kind: 'link', label: hostile, url: `https://x.example/"${hostile}` },
        ],
        reason: hostile,
      },
      CONTACTS,
    );
    expect(html).not.toContain('<script>');
    expect(html).not.toContain('"x"');
    expect(text).toContain(hostile);
  });

  it('hold the key where it was made, ready to be copied, and with a call that uses it', () => {
    for (const name of ['welcome', 'new-key']) {
      const { text, html } = LETTERS[name]!;
      expect(text).toContain(`    ${KEY}\n`);
      expect(text).toContain(`-H 'X-API-KEY: ${KEY}'`);
      expect(text).toContain("'https://api.jobs.example/jobs?search=python&limit=3'");
      expect(html).toContain(`>${KEY}<`);
    }
  });

  it('show a code in two groups, as it may be typed', () => {
    expect(LETTERS['recovery-code']!.text).toContain('    7KQ2M-9XBTC\n');
  });
});

describe('notices of usage', () => {
  /** Its lines joined. */
  const textOf = (notice: Parameters<typeof usageNotice>[0]) => usageNotice(notice).text.replace(/\n/g, ' ');

  it('tell Starter at 100 % until when it is blocked, and before that it will be', () => {
    expect(textOf({ thresholdPercent: 100, calls: 1_000, isBlocked: true })).toContain(
      'Further calls are blocked until 2026-03-01 at 09:30 UTC',
    );
    expect(textOf({ thresholdPercent: 90, calls: 900 })).toContain('at 100 % further ones are blocked until');
  });

  it('tell paid plans that calls go on, and at what price', () => {
    const text = textOf({ ...PAID, thresholdPercent: 100, calls: 25_000 });
    expect(text).toContain('further calls go on at $0.01 a call');
    expect(text).toContain('no limit to what you pay');
    expect(text).not.toContain('blocked until');
  });

  it("tell of the account's own limit, and that calls are blocked once it is reached", () => {
    const capped = { ...PAID, thresholdPercent: 100, calls: 25_000, overageCapCents: 12_345 };
    expect(textOf(capped)).toContain('They end at your own limit of $123.45 a period.');
    expect(textOf({ ...capped, isBlocked: true })).toContain('blocked until');
  });

  it.each([50, 75, 90, 100])('name the threshold in the subject: %i', (thresholdPercent) => {
    const { subject } = usageNotice({ thresholdPercent, calls: thresholdPercent * 10 });
    expect(subject).toBe(
      thresholdPercent === 100
        ? "You have used all of this period's calls"
        : `You have used ${thresholdPercent} % of this period's calls`,
    );
  });
});
