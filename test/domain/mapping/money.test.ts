import fc from 'fast-check';
import { currencyNamed, parseMoney, parseMoneyRange } from '../../../domain/mapping/parsers/money';

const USD = { currency: 'USD' };
const RANGE = { currency: 'USD', single: 'both' } as const;

describe('an amount of money', () => {
  it.each([
    ['$1,500.00', 1_500_00, 'USD'],
    ['1.5k', 1_500_00, 'USD'],
    ['$1.4K', 1_400_00, 'USD'],
    ['$2M+', 2_000_000_00, 'USD'],
    ['$90M+', 90_000_000_00, 'USD'],
    ['$10k+', 10_000_00, 'USD'],
    ['$15.00 ', 15_00, 'USD'],
    ['Est. Budget: $3,000', 3_000_00, 'USD'],
    ['1.500,00 €', 1_500_00, 'EUR'],
    ['1.500 €', 1_500_00, 'EUR'],
    ['12,50 €', 12_50, 'EUR'],
    ['€1.234.567', 1_234_567_00, 'EUR'],
    ['USD 200', 200_00, 'USD'],
    ['200 usd', 200_00, 'USD'],
    ['$200 USD', 200_00, 'USD'],
    ['$200 CAD', 200_00, 'CAD'],
    ['£1,000', 1_000_00, 'GBP'],
    ['CA$80', 80_00, 'CAD'],
    ['R$ 1.500', 1_500_00, 'BRL'],
    ['COP 1.500', 1_500, 'COP'],
    ['¥50.000', 50_000, 'JPY'],
    ['KWD 12.345', 12_345, 'KWD'],
    ['KWD 1.500', 1_500, 'KWD'],
    ['₹1,50,000', 150_000_00, 'INR'],
    ['¥5000', 5_000, 'JPY'],
    ["CHF 1'250.50", 1_250_50, 'CHF'],
    ['1 250,50 PLN', 1_250_50, 'PLN'],
    ['200', 200_00, 'USD'],
    ['3817.42', 3_817_42, 'USD'],
    ['72.110', 72_11, 'USD'],
    ['1,234', 1_234_00, 'USD'],
    ['22.5/hr', 22_50, 'USD'],
    ['$35 per hour', 35_00, 'USD'],
    ['0', 0, 'USD'],
    ['10 million', 10_000_000_00, 'USD'],
  ])('reads %j', (text, amountMinor, currency) => {
    expect(parseMoney(text, USD)).toEqual({ ok: true, value: { amountMinor, currency } });
  });

  it.each([
    ['negotiable', 'value_unparsed'],
    ['', 'value_unparsed'],
    ['$', 'value_unparsed'],
    ['200 only', 'value_unparsed'],
    ['$200 OBO', 'value_unparsed'],
    ['$1.500', 'value_unparsed'],
    ['₹1.500', 'value_unparsed'],
    ['CHF 1.500', 'value_unparsed'],
    ['1,23,4', 'value_unparsed'],
    ['12.34.56', 'value_unparsed'],
    ['€20 $30', 'value_unparsed'],
    ['$15-$30', 'value_unparsed'],
    ['x'.repeat(500), 'value_unparsed'],
    ['200 XXQ', 'currency_unknown'],
    ['USDT 200', 'currency_unknown'],
    ['₿ 0.5', 'currency_unknown'],
    ['-$50', 'money_negative'],
    ['$-50', 'money_negative'],
    ['-50.25', 'money_negative'],
    ['($50)', 'money_negative'],
    ['1e+21', 'money_absurd'],
    ['$99999999999999999', 'money_absurd'],
  ])('never guesses %j: %s', (text, rule) => {
    expect(parseMoney(text, USD)).toMatchObject({ ok: false, rule });
  });

  it('takes a bare dollar sign for the dollar of the mapping', () => {
    expect(parseMoney('$10', { currency: 'AUD' })).toMatchObject({ value: { currency: 'AUD' } });
    expect(parseMoney('$10', { currency: 'EUR' })).toMatchObject({ value: { currency: 'USD' } });
  });

  it('reads back every amount that English prints', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 1_000_000_000 }), (cents) => {
        const printed = new Intl.NumberFormat('en', { style: 'currency', currency: 'USD' }).format(
          cents / 100,
        );
        expect(parseMoney(printed, USD)).toEqual({
          ok: true,
          value: { amountMinor: cents, currency: 'USD' },
        });
      }),
    );
  });

  it('reads back every amount that German prints', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 1_000_000_000 }), (cents) => {
        const printed = new Intl.NumberFormat('de', { style: 'currency', currency: 'EUR' }).format(
          cents / 100,
        );
        expect(parseMoney(printed, USD)).toEqual({
          ok: true,
          value: { amountMinor: cents, currency: 'EUR' },
        });
      }),
    );
  });

  it('never throws, whatever the text', () => {
    fc.assert(fc.property(fc.string(), (text) => void parseMoney(text, USD)));
    fc.assert(fc.property(fc.string(), (text) => void parseMoneyRange(text, RANGE)));
  });
});

describe('a range of rates', () => {
  it.each([
    ['$15-$30', 15_00, 30_00, 'USD'],
    ['Hourly: $15-$30', 15_00, 30_00, 'USD'],
    ['$15.00 - $30.00', 15_00, 30_00, 'USD'],
    ['€20–€35/hr', 20_00, 35_00, 'EUR'],
    ['€20–35/hr', 20_00, 35_00, 'EUR'],
    ['20-35 EUR', 20_00, 35_00, 'EUR'],
    ['$25.00 to $60.00', 25_00, 60_00, 'USD'],
    ['$10-20k', 10_000_00, 20_000_00, 'USD'],
    ['$500-2k', 500_00, 2_000_00, 'USD'],
    ['$1,000.00-$2,500.00', 1_000_00, 2_500_00, 'USD'],
    ['$10+/hr', 10_00, null, 'USD'],
    ['$10/hr+', 10_00, null, 'USD'],
    ['from $10', 10_00, null, 'USD'],
    ['up to $40', null, 40_00, 'USD'],
    ['$25', 25_00, 25_00, 'USD'],
    // An inverted range is read as stated; verification rejects it.
    ['$30-$15', 30_00, 15_00, 'USD'],
  ])('reads %j', (text, minMinor, maxMinor, currency) => {
    expect(parseMoneyRange(text, RANGE)).toEqual({ ok: true, value: { minMinor, maxMinor, currency } });
  });

  it.each([
    ['min', 25_00, null],
    ['max', null, 25_00],
    ['both', 25_00, 25_00],
  ] as const)('takes a lone amount for %s', (single, minMinor, maxMinor) => {
    expect(parseMoneyRange('$25', { currency: 'USD', single })).toMatchObject({
      value: { minMinor, maxMinor },
    });
  });

  it.each([
    ['$15-€30', 'value_unparsed'],
    ['1-2-3', 'value_unparsed'],
    ['cheap', 'value_unparsed'],
    ['10-20 XXQ', 'currency_unknown'],
  ])('never guesses %j', (text, rule) => {
    expect(parseMoneyRange(text, RANGE)).toMatchObject({ ok: false, rule });
  });
});

it.each([
  ['usd', 'USD'],
  [' EUR ', 'EUR'],
  ['$', 'USD'],
  ['€', 'EUR'],
  ['XXQ', null],
  ['dollars', null],
])('takes the stated currency %j for %s', (text, code) => {
  expect(currencyNamed(text)).toBe(code);
});
