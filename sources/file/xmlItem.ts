import { XMLParser } from 'fast-xml-parser';
import { isObject } from './rows';

const TEXT = '#text';
const CDATA = '#cdata';
const ATTRIBUTES = ':@';

/** Elements that hold HTML, escaped, in CDATA or plain: taken as received instead of parsed. */
const HTML_ELEMENTS = ['description', 'content', 'content:encoded', 'summary'];

const parser = new XMLParser({
  preserveOrder: true,
  ignoreAttributes: false,
  attributeNamePrefix: '',
  parseTagValue: false,
  parseAttributeValue: false,
  trimValues: false,
  processEntities: false,
  cdataPropName: CDATA,
  stopNodes: HTML_ELEMENTS.map((name) => `*.${name}`),
});

const NAMED_ENTITIES: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };

function characterOf(code: number): string | null {
  return code > 0 && code <= 0x10ffff && !(code >= 0xd800 && code <= 0xdfff)
    ? String.fromCodePoint(code)
    : null;
}

/** Resolves XML's own entities and character references once; others (`&nbsp;`) stay as they are. */
function decodeEntities(text: string): string {
  return text.replace(/&(?:(amp|lt|gt|quot|apos)|#(\d{1,7})|#x([0-9a-fA-F]{1,6}));/g, (entity, ...groups) => {
    const [name, decimal, hex] = groups as (string | undefined)[];
    if (name !== undefined) return NAMED_ENTITIES[name] ?? entity;
    return characterOf(decimal !== undefined ? Number(decimal) : parseInt(hex ?? '', 16)) ?? entity;
  });
}

/** The content of an element that holds HTML: CDATA unwrapped; escaped HTML unescaped once; plain HTML as it is. */
function htmlOf(raw: string): string {
  const pieces = raw.split(/(<!\[CDATA\[[\s\S]*?\]\]>)/);
  const isPlainHtml = pieces.some((piece, index) => index % 2 === 0 && piece.includes('<'));
  return pieces
    .map((piece, index) => {
      if (index % 2 === 1) return piece.slice('<![CDATA['.length, -']]>'.length);
      return isPlainHtml ? piece : decodeEntities(piece);
    })
    .join('');
}

/** What the parser makes of one node: its name, what is in it, its attributes. */
interface XmlNode {
  name: string;
  content: unknown;
  attributes: Record<string, unknown>;
}

function nodesOf(content: unknown): XmlNode[] {
  if (!Array.isArray(content)) return [];
  return content.flatMap((node: unknown) => {
    if (!isObject(node)) return [];
    const attributes = isObject(node[ATTRIBUTES]) ? node[ATTRIBUTES] : {};
    return Object.entries(node)
      .filter(([name]) => name !== ATTRIBUTES)
      .map(([name, inner]) => ({ name, content: inner, attributes }));
  });
}

function textOf(nodes: XmlNode[]): string {
  return nodes
    .map((node) => {
      if (node.name === TEXT) return typeof node.content === 'string' ? decodeEntities(node.content) : '';
      return nodesOf(node.content)
        .map((inner) => (typeof inner.content === 'string' ? inner.content : ''))
        .join('');
    })
    .join('');
}

function valueOf(node: XmlNode): unknown {
  const inner = nodesOf(node.content);
  if (HTML_ELEMENTS.includes(node.name)) {
    return htmlOf(inner.map(({ content }) => (typeof content === 'string' ? content : '')).join(''));
  }
  const elements = inner.filter(({ name }) => name !== TEXT && name !== CDATA);
  const text = textOf(inner.filter(({ name }) => name === TEXT || name === CDATA));
  if (elements.length > 0) return objectOf(elements, text);
  // Atom's links say where they lead in an attribute.
  const { href } = node.attributes;
  return text === '' && typeof href === 'string' ? decodeEntities(href) : text;
}

/** Atom gives several links, of which the one to the posting is the alternate. */
function isOtherLink({ name, attributes }: XmlNode): boolean {
  return name === 'link' && typeof attributes.rel === 'string' && attributes.rel !== 'alternate';
}

/**
 * The attributes of an element under their names behind its own: `budget@currency`; `@id` for those of the item itself. Where a
 * link leads is its value already.
 */
function attributesOf({ name, attributes }: Pick<XmlNode, 'name' | 'attributes'>): [string, string][] {
  if (name === 'link') return [];
  return Object.entries(attributes).flatMap(([key, value]): [string, string][] =>
    typeof value === 'string' && !/^xmlns(?::|$)/.test(key)
      ? [[`${name}@${key}`, decodeEntities(value)]]
      : [],
  );
}

/**
 * One entry for each name, and one for each attribute; a list for a name that comes more than once. Text beside elements is
 * `#text`.
 */
function objectOf(elements: XmlNode[], text: string): Record<string, unknown> {
  const hasAlternate = elements.some((node) => node.name === 'link' && !isOtherLink(node));
  const values = new Map<string, unknown[]>();
  for (const node of elements) {
    if (hasAlternate && isOtherLink(node)) continue;
    for (const [name, value] of [[node.name, valueOf(node)] as const, ...attributesOf(node)]) {
      const sameName = values.get(name);
      if (sameName === undefined) values.set(name, [value]);
      else sameName.push(value);
    }
  }
  const entries = [...values].map(([name, found]): [string, unknown] => [
    name,
    found.length === 1 ? found[0] : found,
  ]);
  if (text.trim() !== '') entries.push([TEXT, text]);
  return Object.fromEntries(entries);
}

/**
 * One item of a feed as a record: the text of each element as received, entities resolved once; elements in elements
 * as objects; attributes as `element@attribute`.
 * @throws Error when the parser refuses it.
 */
export function parseXmlItem(text: string): Record<string, unknown> {
  const [item] = nodesOf(parser.parse(text));
  const inner = nodesOf(item?.content);
  return {
    ...objectOf(
      inner.filter(({ name }) => name !== TEXT && name !== CDATA),
      textOf(inner.filter(({ name }) => name === TEXT || name === CDATA)),
    ),
    ...Object.fromEntries(attributesOf({ name: '', attributes: item?.attributes ?? {} })),
  };
}
