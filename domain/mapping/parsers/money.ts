import type { Money, MoneyRange } from '../../job';
import { isCurrency, toMinor } from '../../money';
import { readDecimal } from './number';
import { parsed, unparsed, type Parsed } from './parsed';

const MAX_LENGTH = 120;

const SYMBOLS: Readonly<Record<string, string>> = {
  US$: 'USD',
  A$: 'AUD',
  AU$: 'AUD',
  C$: 'CAD',
  CA$: 'CAD',
  NZ$: 'NZD',
  HK$: 'HKD',
  S$: 'SGD',
  NT$: 'TWD',
  MX$: 'MXN',
  R$: 'BRL',
  '€': 'EUR',
  '£': 'GBP',
  '¥': 'JPY',
  '₹': 'INR',
  '₽': 'RUB',
  '₴': 'UAH',
  '₱': 'PHP',
  '₦': 'NGN',
  '₩': 'KRW',
  '₪': 'ILS',
  '₫': 'VND',
  '฿': 'THB',
  '₺': 'TRY',
  '₸': 'KZT',
  zł: 'PLN',
};

const DOLLARS: ReadonlySet<string> = new Set(
  'USD AUD CAD NZD HKD SGD TWD MXN BBD BMD BSD BZD FJD GYD JMD LRD NAD TTD XCD CLP COP ARS'.split(' '),
);

/** Currencies of countries that write a decimal comma, so that a point before three digits can only group. */
const POINT_GROUPING: ReadonlySet<string> = new Set(
  'EUR DKK NOK SEK ISK PLN CZK HUF RON BGN RSD BAM MKD ALL TRY UAH RUB BYN KZT GEL AZN IDR VND BRL ARS CLP COP PYG UYU BOB CRC VES MAD DZD AOA MZN'.split(
    ' ',
  ),
);

const SCALES: Readonly<Record<string, number>> = {
  k: 1e3,
  m: 1e6,
  mm: 1e6,
  b: 1e9,
  bn: 1e9,
  thousand: 1e3,
  million: 1e6,
  billion: 1e9,
};

// A word, a symbol or both (`US$`) beside the digits; which of them are currencies is decided later.
const CURRENCY = String.raw`(?:[A-Za-z]{1,3}\$|\p{Sc}|zł|[A-Z]{3,4})`;
const NUMBER = String.raw`\d[\d.,'’\s]*`;
const SCALE = String.raw`(?:thousand|million|billion|bn|mm|[kmb])(?![\p{L}])`;
const UNIT = String.raw`\s*(?:\/|per|an?)\s*(?:hr|hrs|hour|h)\.?|\s+hourly`;
const AMOUNT = new RegExp(
  String.raw`^(?<minus>[-−–])?\s*(?<before>${CURRENCY})?\s*(?<innerMinus>[-−])?\s*(?<number>${NUMBER})(?<scale>${SCALE})?\s*(?<plus>\+)?\s*(?<after>${CURRENCY})?(?:${UNIT})?\s*(?<latePlus>\+)?$`,
  'iu',
);
const LABEL = /^(?:[\p{L}][\p{L}. -]{0,30}):\s*/u;
const RANGE_SEPARATOR = /\s*(?:[-–—−‒]|\bto\b)\s*/iu;
const LOWER_BOUND = /^(?:from|at least|min\.?|minimum|over|more than|starting at|>=?)\s*/i;
const UPPER_BOUND = /^(?:up to|at most|max\.?|maximum|under|less than|<=?)\s*/i;

interface Amount {
  value: number;
  scale: number;
  currency: string | null;
  isOpen: boolean;
}

interface MoneyContext {
  /** ISO 4217 code of amounts that name no currency, and of a bare `$` where it is a dollar. */
  currency: string;
}

/**
 * One amount: `$1,500.00`, `1.5k`, `$2M+`, `1.500,00 €`, `USD 200`, `Est. Budget: $50`. A plus sign is no part of the amount.
 * Faults: value_unparsed, currency_unknown, money_negative, money_absurd (beyond what minor units can hold).
 */
export function parseMoney(text: string, { currency }: MoneyContext): Parsed<Money> {
  const amount = readAmount(stripped(text), currency);
  if (!amount.ok) return amount;
  return toMoney(amount.value, currency);
}

export interface RangeContext extends MoneyContext {
  /** What a lone amount without a plus sign is: both ends, or one. */
  single: 'both' | 'min' | 'max';
}

/** A range of rates: `$15-$30`, `€20–€35/hr`, `Hourly: $15.00 - $30.00`, `$10+/hr`, `up to $40`. Faults as with `parseMoney`. */
export function parseMoneyRange(text: string, { currency, single }: RangeContext): Parsed<MoneyRange> {
  const plain = stripped(text);
  const upper = UPPER_BOUND.exec(plain);
  const lower = LOWER_BOUND.exec(plain);
  const bound = upper ?? lower;
  const alone = readAmount(bound ? plain.slice(bound[0].length) : plain, currency);
  if (alone.ok) {
    const money = toMoney(alone.value, currency);
    if (!money.ok) return money;
    const end = upper ? 'max' : lower || alone.value.isOpen ? 'min' : single;
    return parsed({
      minMinor: end === 'max' ? null : money.value.amountMinor,
      maxMinor: end === 'min' ? null : money.value.amountMinor,
      currency: money.value.currency,
    });
  }
  if (alone.rule !== 'value_unparsed') return alone;

  const ends = plain.split(RANGE_SEPARATOR);
  const [from = '', to = ''] = ends;
  if (ends.length !== 2 || bound) return unparsed('is no range of amounts');
  const low = readAmount(from, currency);
  const high = readAmount(to, currency);
  if (!low.ok) return low;
  if (!high.ok) return high;
  const stated = [low.value.currency, high.value.currency].filter((code) => code !== null);
  if (new Set(stated).size > 1) return unparsed('names two currencies');
  // `$10-20k` is ten to twenty thousand; `$500-2k` is not.
  const sharesScale = low.value.scale === 1 && low.value.value < high.value.value;
  const rangeCurrency = stated[0] ?? null;
  const min = toMoney(
    { ...low.value, scale: sharesScale ? high.value.scale : low.value.scale, currency: rangeCurrency },
    currency,
  );
  const max = toMoney({ ...high.value, currency: rangeCurrency }, currency);
  if (!min.ok) return min;
  if (!max.ok) return max;
  return parsed({
    minMinor: min.value.amountMinor,
    maxMinor: max.value.amountMinor,
    currency: min.value.currency,
  });
}

/** A currency as a row states it beside the amount: an ISO code in any case, or a symbol. Null when it is none. */
export function currencyNamed(text: string): string | null {
  const name = text.trim();
  const code = name.toUpperCase();
  if (/^[A-Z]{3}$/.test(code)) return isCurrency(code) ? code : null;
  return name === '$' ? 'USD' : (SYMBOLS[name] ?? SYMBOLS[code] ?? null);
}

function stripped(text: string): string {
  return text.length > MAX_LENGTH ? '' : text.trim().replace(LABEL, '');
}

function readAmount(text: string, fallback: string): Parsed<Amount> {
  const scientific = /^\D{0,3}\d+(?:\.\d+)?e\+?\d{2,3}$/i.test(text);
  if (scientific) return unparsed('is beyond any amount of money', 'money_absurd');
  const plain = text.replace(/^\((.*)\)$/, '-$1');
  const groups = AMOUNT.exec(plain)?.groups;
  if (!groups) return unparsed('is no amount of money');
  const { minus, innerMinus, before, after, number = '', scale, plus, latePlus } = groups;
  if (before !== undefined && after !== undefined && before.toUpperCase() !== after.toUpperCase()) {
    // `$200 USD` says the same thing twice, and the code says it better.
    if (!before.endsWith('$') && !after.endsWith('$')) return unparsed('names two currencies');
  }
  const name = [before, after].find((part) => part !== undefined && part !== '$') ?? before ?? after;
  const currency = name === undefined ? null : statedCurrency(name, fallback);
  if (name !== undefined && currency === null) {
    // `200 only` and `$200 OBO` name no currency; `200 XYZ` does.
    const isName = /^[A-Z]+$|\P{L}/u.test(name) && !(before === '$' || after === '$');
    return isName
      ? unparsed(`names the currency ${name}, which is not known`, 'currency_unknown')
      : unparsed('is no amount of money');
  }
  const pointGroups = currency !== null && scale === undefined && groupsByPoint(currency);
  const isAmbiguous =
    currency !== null &&
    !pointGroups &&
    !hasThousandths(currency) &&
    scale === undefined &&
    /^[1-9]\d{0,2}\.\d{3}$/.test(number.trim());
  const value = readDecimal(number, { pointGroups });
  if (value === null || isAmbiguous) return unparsed('is no amount that can be read in only one way');
  if ((minus !== undefined || innerMinus !== undefined) && value > 0)
    return unparsed('is negative', 'money_negative');
  return parsed({
    value,
    scale: SCALES[(scale ?? '').toLowerCase()] ?? 1,
    currency,
    isOpen: plus !== undefined || latePlus !== undefined,
  });
}

/** Where there is no smaller unit, a point cannot be a decimal point either: `¥50.000`. */
function groupsByPoint(currency: string): boolean {
  return !hasThousandths(currency) && (POINT_GROUPING.has(currency) || toMinor(1, currency) === 1);
}

/** `KWD 12.345` is twelve dinars and a bit. */
function hasThousandths(currency: string): boolean {
  return toMinor(1, currency) === 1_000;
}

function statedCurrency(name: string, fallback: string): string | null {
  if (name === '$') return DOLLARS.has(fallback) ? fallback : 'USD';
  return currencyNamed(name);
}

function toMoney({ value, scale, currency }: Amount, fallback: string): Parsed<Money> {
  const code = currency ?? fallback;
  const amountMinor = toMinor(value * scale, code);
  if (!Number.isSafeInteger(amountMinor)) return unparsed('is beyond any amount of money', 'money_absurd');
  return parsed({ amountMinor, currency: code });
}
