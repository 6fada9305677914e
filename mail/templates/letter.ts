import { escapeUTF8 } from 'entities';

/** What a letter is made of, from top to bottom. */
export type Block =
  | { kind: 'paragraph'; text: string }
  /** Something to be copied: a key, a code. */
  | { kind: 'secret'; label: string; value: string }
  /** Lines for a shell. */
  | { kind: 'command'; text: string }
  /** How far something has come, 0 to 100. */
  | { kind: 'gauge'; percent: number; label: string }
  | { kind: 'link'; label: string; url: string };

export interface Letter {
  subject: string;
  /** What mail clients show beside the subject. */
  preview: string;
  heading: string;
  blocks: readonly Block[];
  /** Why the reader gets it. */
  reason: string;
}

/** Whom to turn to, and where the API is. */
export interface Contacts {
  publicUrl: string;
  supportEmail: string;
  salesEmail: string;
}

/** A letter in the forms in which it is sent. */
export interface RenderedLetter {
  subject: string;
  text: string;
  html: string;
}

const FONT = "-apple-system,'Segoe UI',Roboto,Helvetica,Arial,sans-serif";
const MONOSPACE = "ui-monospace,SFMono-Regular,Menlo,Consolas,'Liberation Mono',monospace";
const INK = '#1b2733';
const FAINT = '#5b6b7a';
const LINE = '#dde4ea';
const PAPER = '#f4f6f8';
const ACCENT = '#14684f';
const BARS = 20;
const TEXT_WIDTH = 72;

/** The letter as text and as HTML that mail clients show alike: tables, and styles on the elements themselves. */
export function renderLetter(letter: Letter, contacts: Contacts): RenderedLetter {
  return { subject: letter.subject, text: asText(letter, contacts), html: asHtml(letter, contacts) };
}

function asText({ heading, blocks, reason }: Letter, { publicUrl, supportEmail }: Contacts): string {
  const parts = [
    heading,
    ...blocks.map(blockAsText),
    `--\n${wrapped(reason)}\nQuestions: ${supportEmail}\n${publicUrl}/docs`,
  ];
  return `${parts.join('\n\n')}\n`;
}

function blockAsText(block: Block): string {
  switch (block.kind) {
    case 'paragraph':
      return wrapped(block.text);
    case 'secret':
      return `${block.label}:\n\n    ${block.value}`;
    case 'command':
      return indented(block.text);
    case 'gauge': {
      const full = Math.round((bounded(block.percent) / 100) * BARS);
      return `[${'#'.repeat(full)}${'.'.repeat(BARS - full)}] ${block.label}`;
    }
    case 'link':
      return `${block.label}: ${block.url}`;
  }
}

/** Lines short enough that no mail program breaks them, or what is to be copied between them, otherwise. */
function wrapped(text: string): string {
  const lines: string[] = [];
  for (const word of text.split(' ')) {
    const longer = lines.length === 0 ? word : `${lines[lines.length - 1] ?? ''} ${word}`;
    if (lines.length > 0 && longer.length <= TEXT_WIDTH) lines[lines.length - 1] = longer;
    else lines.push(word);
  }
  return lines.join('\n');
}

function indented(text: string): string {
  return text.replace(/^/gm, '    ');
}

function asHtml(
  { subject, preview, heading, blocks, reason }: Letter,
  { publicUrl, supportEmail }: Contacts,
): string {
  const rows = [
    row(`<h1 style="margin:0;font:600 22px/1.3 ${FONT};color:${INK}">${escapeUTF8(heading)}</h1>`, '32px'),
    ...blocks.map((block) => row(blockAsHtml(block), '18px')),
  ].join('');
  const small = `font:13px/1.6 ${FONT};color:${FAINT}`;
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><meta name="color-scheme" content="light"><title>${escapeUTF8(subject)}</title></head>
<body style="margin:0;padding:0;background:${PAPER}">
<div style="display:none;max-height:0;overflow:hidden">${escapeUTF8(preview)}</div>
<table role="presentation" width="100%" cellpadding="0" cellspacing="0" style="background:${PAPER}"><tr><td align="center" style="padding:32px 12px">
<table role="presentation" width="100%" cellpadding="0" cellspacing="0" style="max-width:580px">
<tr><td style="padding:0 4px 14px;font:600 15px/1.4 ${FONT};color:${ACCENT}">Upwork jobs API</td></tr>
<tr><td style="background:#ffffff;border:1px solid ${LINE};border-radius:8px;padding:0 32px 32px">
<table role="presentation" width="100%" cellpadding="0" cellspacing="0" style="table-layout:fixed">${rows}</table>
</td></tr>
<tr><td style="padding:18px 4px 0;${small}">${escapeUTF8(reason)}<br>Questions: ${anchor(`mailto:${supportEmail}`, supportEmail)} &middot; ${anchor(`${publicUrl}/docs`, 'Documentation')}</td></tr>
</table>
</td></tr></table>
</body></html>
`;
}

function row(content: string, paddingTop: string): string {
  return `<tr><td style="padding-top:${paddingTop}">${content}</td></tr>`;
}

function blockAsHtml(block: Block): string {
  switch (block.kind) {
    case 'paragraph':
      return `<p style="margin:0;font:16px/1.55 ${FONT};color:${INK}">${escapeUTF8(block.text)}</p>`;
    case 'secret':
      return `<p style="margin:0 0 6px;font:13px/1.4 ${FONT};color:${FAINT}">${escapeUTF8(block.label)}</p>${boxed(block.value, '600 16px')}`;
    case 'command':
      return boxed(block.text, '13px');
    case 'gauge':
      return gauge(bounded(block.percent), block.label);
    case 'link':
      return `<p style="margin:0;font:16px/1.55 ${FONT}">${anchor(block.url, block.label)}</p>`;
  }
}

function boxed(text: string, weightAndSize: string): string {
  return `<div style="background:${PAPER};border:1px solid ${LINE};border-radius:6px;padding:14px 16px;font:${weightAndSize}/1.5 ${MONOSPACE};color:${INK};white-space:pre-wrap;word-break:break-word;overflow-wrap:anywhere">${escapeUTF8(text)}</div>`;
}

/** Two cells of a table side by side: no mail client lacks them. */
function gauge(percent: number, label: string): string {
  const cell = (width: number, colour: string) =>
    width === 0
      ? ''
      : `<td width="${width}%" height="10" style="background:${colour};font-size:0">&nbsp;</td>`;
  return `<table role="presentation" width="100%" cellpadding="0" cellspacing="0"><tr>${cell(percent, ACCENT)}${cell(100 - percent, LINE)}</tr></table><p style="margin:6px 0 0;font:13px/1.4 ${FONT};color:${FAINT}">${escapeUTF8(label)}</p>`;
}

function anchor(url: string, label: string): string {
  return `<a href="${escapeUTF8(url)}" style="color:${ACCENT}">${escapeUTF8(label)}</a>`;
}

function bounded(percent: number): number {
  return Math.min(100, Math.max(0, Math.round(percent)));
}
