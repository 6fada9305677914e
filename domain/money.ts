import type { Money } from './job';

const KNOWN_CURRENCIES: ReadonlySet<string> = new Set(Intl.supportedValuesOf('currency'));

/** Whether `code` is an ISO 4217 currency (upper case). */
export function isCurrency(code: string): boolean {
  return KNOWN_CURRENCIES.has(code);
}

const fractionDigitsByCurrency = new Map<string, number>();

/** Decimals of a currency's minor unit: 2 for USD, 0 for JPY. */
function fractionDigits(currency: string): number {
  const known = fractionDigitsByCurrency.get(currency);
  if (known !== undefined) return known;
  const digits = isCurrency(currency)
    ? (new Intl.NumberFormat('en', { style: 'currency', currency }).resolvedOptions().maximumFractionDigits ??
      2)
    : 2;
  fractionDigitsByCurrency.set(currency, digits);
  return digits;
}

/** Minor units of a decimal amount, rounded half away from zero: 12.5 USD is 1250. */
export function toMinor(amount: number, currency: string): number {
  const scaled = Math.abs(amount) * 10 ** fractionDigits(currency);
  return Math.sign(amount) * Math.round(Number(scaled.toPrecision(15)));
}

/** The decimal amount shown on the wire: 1250 minor units of USD are 12.5. */
export function toDecimal(amountMinor: number, currency: string): number {
  return amountMinor / 10 ** fractionDigits(currency);
}

export function decimalAmount(money: Money): number {
  return toDecimal(money.amountMinor, money.currency);
}
