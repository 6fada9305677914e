import { AppError } from '../../../domain/errors';
import { compileMapping } from '../../../domain/mapping/applyMapping';
import { parseMappingDocument, type MappingDocument } from '../../../domain/mapping/mappingDocument';

const valid = {
  name: 'my-shape',
  match: { all: ['title'] },
  fields: { title: { from: 'title' } },
};

function faultsOf(json: unknown) {
  try {
    parseMappingDocument(json);
  } catch (error) {
    if (error instanceof AppError) return { code: error.code, message: error.message, faults: error.faults };
    throw error;
  }
  return { code: null, message: '', faults: [] };
}

function withField(name: string, rule: unknown) {
  return { ...valid, fields: { ...valid.fields, [name]: rule } };
}

describe('a mapping document', () => {
  it('is taken with its defaults filled in', () => {
    expect(parseMappingDocument(valid)).toMatchObject({
      version: 1,
      currency: 'USD',
      match: { all: ['title'], any: [], none: [] },
    });
  });

  it.each([
    [
      'a misspelt way of reading',
      withField('budget', [{ from: 'a', parse: 'mony' }]),
      'fields.budget[0].parse',
      'mony',
      'money',
    ],
    [
      'a misspelt key of a rule',
      withField('location', { form: 'a' }),
      'fields.location.form',
      'form',
      'from',
    ],
    [
      'a misspelt key in a range',
      withField('hourly_budget', { min: { from: 'a', patern: 'x' } }),
      'fields.hourly_budget.min.patern',
      'patern',
      'pattern',
    ],
    [
      'a misspelt key of a condition',
      withField('budget', { from: 'a', when: { form: 'b', equals: 1 } }),
      'fields.budget.when.form',
      'form',
      'from',
    ],
    ['a misspelt key of the document', { ...valid, feilds: {} }, 'feilds', 'feilds', undefined],
    ['a misspelt field', withField('titel', { from: 'a' }), 'fields.titel', 'titel', 'title'],
    [
      'a field without its group',
      withField('country', { from: 'a' }),
      'fields.country',
      'country',
      'buyer.country',
    ],
    [
      'a field by its name in code',
      withField('jobType', { from: 'a' }),
      'fields.jobType',
      'jobType',
      'job_type',
    ],
    ['a currency in small letters', { ...valid, currency: 'usd' }, 'currency', 'usd', 'USD'],
    [
      'an unknown currency of a rule',
      withField('budget', { from: 'a', currency: 'XXQ' }),
      'fields.budget.currency',
      'XXQ',
      undefined,
    ],
    [
      'a table value the field cannot take',
      withField('job_type', { from: 'a', table: { A: 'hourley' } }),
      'fields.job_type.table.A',
      'hourley',
      'hourly',
    ],
    [
      'a table value that is no category',
      withField('category', { from: 'a', parse: 'enum', table: { A: 'Web Devlopment' } }),
      'fields.category.table.A',
      'Web Devlopment',
      'Web Development',
    ],
    [
      'a constant the field cannot take',
      withField('status', { constant: 'opn' }),
      'fields.status.constant',
      'opn',
      'open',
    ],
    [
      'a format of another library',
      withField('posted_on', { from: 'a', format: 'YYYY-MM-DD' }),
      'fields.posted_on.format',
      'YYYY-MM-DD',
      'yyyy-MM-dd',
    ],
    [
      'one of several formats without a day',
      withField('posted_on', { from: 'a', format: ['iso', 'HH:mm'] }),
      'fields.posted_on.format[1]',
      'HH:mm',
      undefined,
    ],
    [
      'an unknown zone',
      withField('posted_on', { from: 'a', zone: 'Mars/Base' }),
      'fields.posted_on.zone',
      'Mars/Base',
      undefined,
    ],
    [
      'a broken expression',
      withField('location', { from: 'a', pattern: '(a' }),
      'fields.location.pattern',
      '(a',
      undefined,
    ],
    [
      'a broken expression to remove',
      withField('location', { from: 'a', remove: ['ok', '[a'] }),
      'fields.location.remove[1]',
      '[a',
      undefined,
    ],
    [
      'a group that the pattern lacks',
      withField('location', { from: 'a', pattern: '(a)', group: 2 }),
      'fields.location.group',
      '2',
      undefined,
    ],
    [
      'a named group that the pattern lacks',
      withField('location', { from: 'a', pattern: '(?<x>a)', group: 'y' }),
      'fields.location.group',
      'y',
      undefined,
    ],
    [
      'a way of reading that the field cannot have',
      withField('skills', { from: 'a', parse: 'text' }),
      'fields.skills.parse',
      'text',
      undefined,
    ],
    [
      'an option of another way of reading',
      withField('skills', { from: 'a', zone: 'UTC' }),
      'fields.skills.zone',
      'UTC',
      undefined,
    ],
    ['a time to relate to that is none', { ...valid, relativeTo: 'today' }, 'relativeTo', 'today', undefined],
    ['a column name that is blank', { ...valid, match: { all: [' '] } }, 'match.all[0]', ' ', undefined],
    ['a list where an object belongs', { ...valid, match: [] }, 'match', '[]', undefined],
    ['a text where a rule belongs', withField('location', 'a'), 'fields.location', 'a', undefined],
    ['a name with blanks', { ...valid, name: 'My Shape' }, 'name', 'My Shape', undefined],
    ['no document at all', 'hello', 'document', 'hello', undefined],
  ])('with %s is refused, naming the place', (_what, json, parameter, received, meant) => {
    const { code, faults, message } = faultsOf(json);
    expect(code).toBe('invalid_parameter');
    expect(faults).toContainEqual(expect.objectContaining({ parameter, received }));
    expect(faults.find((fault) => fault.parameter === parameter)?.did_you_mean).toBe(meant);
    expect(message).toContain(parameter);
  });

  it.each([
    ['without a source for a field', withField('location', {}), 'fields.location'],
    ['with two sources for a field', withField('location', { from: 'a', constant: 'b' }), 'fields.location'],
    [
      'with a condition that asks nothing',
      withField('location', { from: 'a', when: { from: 'b' } }),
      'fields.location.when',
    ],
    [
      'with a table-less enum',
      withField('buyer.payment_verified', { from: 'a', parse: 'enum' }),
      'fields.buyer.payment_verified.table',
    ],
    ['that matches every row', { ...valid, match: {} }, 'match'],
    ['that fills no title', { ...valid, fields: { uid: { from: 'id' } } }, 'fields'],
    ['without fields', { name: 'x', match: { all: ['a'] } }, 'fields'],
  ])('%s is refused', (_what, json, parameter) => {
    expect(faultsOf(json).faults.map((fault) => fault.parameter)).toContain(parameter);
  });

  it('lists all its faults at once, not only the first', () => {
    const json = {
      ...valid,
      currency: 'usd',
      fields: { titel: { from: 'a' }, posted_on: { from: 'a', zone: 'Mars' }, status: { constant: 'opn' } },
    };
    expect(
      faultsOf(json)
        .faults.map((fault) => fault.parameter)
        .sort(),
    ).toEqual(['currency', 'fields', 'fields.posted_on.zone', 'fields.status.constant', 'fields.titel']);
  });

  it('names misspelt fields beside faults of form', () => {
    const json = { ...valid, fields: { titel: { from: 'a' }, budget: { from: 'a', parse: 'mony' } } };
    expect(faultsOf(json).faults.map((fault) => fault.parameter)).toEqual([
      'fields.budget.parse',
      'fields.titel',
    ]);
  });

  it('is bounded: ever so many faults are cut to fifty', () => {
    const fields = Object.fromEntries(
      Array.from({ length: 200 }, (_, index) => [`nonsense_${index}`, { from: 'a' }]),
    );
    expect(faultsOf({ ...valid, fields }).faults).toHaveLength(50);
  });

  it('is checked again where it is made ready', () => {
    const document: MappingDocument = { ...parseMappingDocument(valid), currency: 'XXQ' };
    expect(() => compileMapping(document)).toThrow(AppError);
  });
});
