import { toTimestamp, type Timestamp } from '../time';
import { compileRule, type CompiledRule } from './compileRule';
import { nearestName, type FaultReport } from './faultReport';
import { fieldNamed, kindOfField, MAPPED_FIELD_NAMES, type FieldKind, type MappedField } from './fields';
import type { CompiledPath } from './path';
import { parseTime, timeReader } from './parsers/time';
import type { MappingDocument, ValueRule } from './ruleSchema';
import { checkCurrency, type DocumentDefaults } from './readMoney';
import { compileCheckedPath } from './textSteps';

/** The rules of one field in the order in which they are tried. */
interface CompiledField {
  field: MappedField;
  /** As on the wire. */
  name: string;
  kind: FieldKind;
  rules: readonly CompiledRule[];
}

interface NamedPath extends CompiledPath {
  source: string;
}

export interface CompiledDocument {
  all: readonly NamedPath[];
  any: readonly NamedPath[];
  none: readonly NamedPath[];
  observedAt: readonly CompiledRule[];
  relativeTo: Timestamp | null;
  fields: readonly CompiledField[];
}

/** Makes a document of the right shape ready, reporting everything that the shape could not say. */
export function compileDocument(document: MappingDocument, report: FaultReport): CompiledDocument {
  const defaults: DocumentDefaults = { currency: document.currency, currencyFrom: document.currencyFrom };
  checkCurrency(document.currency, 'currency', report);
  const paths = (key: 'all' | 'any' | 'none') =>
    document.match[key].map((source, index) => ({
      source,
      ...compileCheckedPath(source, `match.${key}[${index}]`, report),
    }));
  const compiled = {
    all: paths('all'),
    any: paths('any'),
    none: paths('none'),
    observedAt:
      document.observedAt === undefined
        ? []
        : compileRules(document.observedAt, 'time', defaults, 'observedAt', report),
    relativeTo: readRelativeTo(document.relativeTo, report),
    fields: Object.entries(document.fields).flatMap(([name, rules]): CompiledField[] => {
      const field = fieldNamed(name);
      if (field === null) {
        reportUnknownField(name, report);
        return [];
      }
      const kind = kindOfField(field);
      return [{ field, name, kind, rules: compileRules(rules, kind, defaults, `fields.${name}`, report) }];
    }),
  };
  if (compiled.all.length === 0 && compiled.any.length === 0) {
    report.add('match', {
      message: 'The mapping matches every row.',
      expected: 'in all or any at least one column or field that its rows have',
    });
  }
  if (!compiled.fields.some(({ field }) => field === 'title')) {
    report.add('fields', {
      message: 'The mapping does not fill title, and a posting without one is refused.',
      expected: 'a rule for title',
    });
  }
  return compiled;
}

function compileRules(
  rules: ValueRule | ValueRule[],
  kind: FieldKind,
  defaults: DocumentDefaults,
  path: string,
  report: FaultReport,
): CompiledRule[] {
  if (!Array.isArray(rules)) return [compileRule(rules, kind, defaults, path, report)];
  return rules.map((rule, index) => compileRule(rule, kind, defaults, `${path}[${index}]`, report));
}

/** Says that a mapping names a field that does not exist. */
export function reportUnknownField(name: string, report: FaultReport): void {
  const nearest = nearestName(name, MAPPED_FIELD_NAMES);
  report.add(`fields.${name}`, {
    message: 'There is no such field.',
    received: name,
    expected: 'a field of the job by its name on the wire, or uid or url',
    ...(nearest === undefined ? {} : { did_you_mean: nearest }),
  });
}

function readRelativeTo(text: string | undefined, report: FaultReport): Timestamp | null {
  if (text === undefined) return null;
  const time = parseTime(text, [timeReader('iso', 'UTC')]);
  if (time.ok) return time.value;
  report.add('relativeTo', {
    message: 'This is no time.',
    received: text,
    expected: `a time in ISO 8601 such as ${toTimestamp(0)}`,
  });
  return null;
}
