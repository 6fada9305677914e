import type { RuleId } from '../../verificationRules';

/** A value that was read, or the rule that its text breaks. */
export type Parsed<T> = { ok: true; value: T } | { ok: false; rule: RuleId; message: string };

export function parsed<T>(value: T): Parsed<T> {
  return { ok: true, value };
}

export function unparsed(
  message: string,
  rule: RuleId = 'value_unparsed',
): { ok: false; rule: RuleId; message: string } {
  return { ok: false, rule, message };
}
