import type { Money, MoneyRange } from '../job';
import { isCurrency } from '../money';
import { ABSENT, attempt, failed, ofText, type Attempt, type Read } from './attempt';
import type { FaultReport } from './faultReport';
import { currencyNamed, parseMoney, parseMoneyRange } from './parsers/money';
import { parsed, unparsed, type Parsed } from './parsers/parsed';
import type { SourceRecord } from './record';
import type { AmountRule, ValueRule } from './ruleSchema';
import { compileCheckedPath, compilePick, textOf } from './textSteps';

/** What the document says for all its rules. */
export interface DocumentDefaults {
  currency: string;
  currencyFrom: string | undefined;
}

/** The currency of a row: what it states where the mapping says, else the mapping's own. */
function compileCurrency(
  { currency, currencyFrom }: Pick<ValueRule, 'currency' | 'currencyFrom'>,
  defaults: DocumentDefaults,
  path: string,
  report: FaultReport,
): (record: SourceRecord) => Parsed<string> {
  const fallback = parsed(currency ?? defaults.currency);
  const from = currencyFrom ?? (currency === undefined ? defaults.currencyFrom : undefined);
  if (from === undefined) return () => fallback;
  const at = compileCheckedPath(from, `${path}.currencyFrom`, report);
  return (record) => {
    const stated = textOf(at.read(record));
    if (stated === null || stated === '') return fallback;
    const code = currencyNamed(stated);
    return code === null
      ? unparsed(`is in the currency ${stated.slice(0, 20)}, which is not known`, 'currency_unknown')
      : parsed(code);
  };
}

/** Reports what is no ISO 4217 code. */
export function checkCurrency(code: string, path: string, report: FaultReport): void {
  if (isCurrency(code)) return;
  report.add(path, {
    message: 'This is no currency.',
    received: code,
    expected: 'an ISO 4217 code in capitals, such as USD',
    ...(isCurrency(code.toUpperCase()) ? { did_you_mean: code.toUpperCase() } : {}),
  });
}

/** Reads one amount. */
export function compileMoneyRead(
  rule: Pick<ValueRule, 'currency' | 'currencyFrom'>,
  defaults: DocumentDefaults,
  path: string,
  report: FaultReport,
): Read {
  const currencyOf = compileCurrency(rule, defaults, path, report);
  return ofText((text, record) => {
    const currency = currencyOf(record);
    return attempt(currency.ok ? parseMoney(text, { currency: currency.value }) : currency, text);
  });
}

/** Reads a range from one text, or its ends from a value each. */
export function compileRangeRead(
  rule: ValueRule,
  defaults: DocumentDefaults,
  path: string,
  report: FaultReport,
): Read {
  if (rule.min === undefined && rule.max === undefined) {
    const single = rule.single ?? 'both';
    const currencyOf = compileCurrency(rule, defaults, path, report);
    return ofText((text, record) => {
      const currency = currencyOf(record);
      return attempt(
        currency.ok ? parseMoneyRange(text, { currency: currency.value, single }) : currency,
        text,
      );
    });
  }
  const end = (amount: AmountRule | undefined, name: 'min' | 'max'): Read => {
    if (amount === undefined) return () => ABSENT;
    const at = `${path}.${name}`;
    const pick = compilePick(amount, { wantsList: false }, at, report);
    const currencyFrom = amount.currencyFrom ?? rule.currencyFrom;
    const readMoney = compileMoneyRead({ currency: rule.currency, currencyFrom }, defaults, at, report);
    return (_picked, record, context) => readMoney(pick(record), record, context);
  };
  const readMin = end(rule.min, 'min');
  const readMax = end(rule.max, 'max');
  return (picked, record, context) => {
    const min = readMin(picked, record, context);
    const max = readMax(picked, record, context);
    const raw = [min.raw, max.raw].filter((text) => text !== null).join(' - ') || null;
    const faults = [...min.faults, ...max.faults];
    if (faults.length > 0) return { value: null, raw, faults };
    return rangeOf(min.value as Money | null, max.value as Money | null, raw);
  };
}

function rangeOf(min: Money | null, max: Money | null, raw: string | null): Attempt {
  const currency = min?.currency ?? max?.currency;
  if (currency === undefined) return ABSENT;
  if (min && max && min.currency !== max.currency) return failed(raw, 'names two currencies');
  const range: MoneyRange = {
    minMinor: min?.amountMinor ?? null,
    maxMinor: max?.amountMinor ?? null,
    currency,
  };
  return { value: range, raw, faults: [] };
}
