import { HOUR_MS, toMillis, type Timestamp } from '../time';
import { attempt, cut, ofText, type Read } from './attempt';
import type { FaultReport } from './faultReport';
import {
  DEFAULT_TIME_FORMATS,
  faultOfTimeFormat,
  isZone,
  parseTime,
  TIME_FORMATS_EXPECTED,
  timeReader,
} from './parsers/time';
import { timeOfId } from './parsers/upworkId';
import type { ValueRule } from './ruleSchema';
import { compileCheckedPath, textOf } from './textSteps';

/** How far a stated time may lie from the creation time for both to be the same moment in two zones. */
const ZONE_TOLERANCE_MS = 2_000;
const MAX_ZONE_HOURS = 14;

/** Reads a time in the rule's formats and zone, and checks it against an id where the rule says so. */
export function compileTimeRead(rule: ValueRule, path: string, report: FaultReport): Read {
  const zone = rule.zone ?? 'UTC';
  if (!isZone(zone)) {
    report.add(`${path}.zone`, {
      message: 'This is no time zone.',
      received: zone,
      expected: 'a name such as Europe/Berlin, or UTC, or an offset such as UTC-6',
    });
  }
  const isList = Array.isArray(rule.format);
  const formats: readonly string[] =
    rule.format === undefined
      ? DEFAULT_TIME_FORMATS
      : Array.isArray(rule.format)
        ? rule.format
        : [rule.format];
  const usable = formats.filter((format, index) => {
    const fault = faultOfTimeFormat(format);
    if (fault === null) return true;
    report.add(isList ? `${path}.format[${index}]` : `${path}.format`, {
      message: `This is no format for a time: ${fault.message}.`,
      received: format,
      expected: TIME_FORMATS_EXPECTED,
      ...(fault.meant === undefined ? {} : { did_you_mean: fault.meant }),
    });
    return false;
  });
  const readers = usable.map((format) => timeReader(format, zone));
  const idAt =
    rule.checkZoneBy === undefined
      ? null
      : compileCheckedPath(rule.checkZoneBy, `${path}.checkZoneBy`, report);

  return ofText((text, record) => {
    const time = parseTime(text, readers);
    if (!time.ok || idAt === null) return attempt(time, text);
    const created = timeOfId(textOf(idAt.read(record)) ?? '');
    if (created === null) return attempt(time, text);
    const hours = hoursApart(time.value, created);
    if (hours === 0) return attempt(time, text);
    return {
      value: created,
      raw: text,
      faults: [
        {
          rule: 'posting_time_zone_corrected',
          raw: cut(text),
          message: `is ${hours} h off the creation time in the id, which was taken instead`,
        },
      ],
    };
  });
}

/** Whole hours by which two statements of the same moment differ; 0 when they are equal or different moments. */
function hoursApart(stated: Timestamp, created: Timestamp): number {
  const apart = toMillis(stated) - toMillis(created);
  const hours = Math.round(apart / HOUR_MS);
  const isWhole = Math.abs(apart - hours * HOUR_MS) <= ZONE_TOLERANCE_MS;
  return isWhole && Math.abs(hours) <= MAX_ZONE_HOURS ? hours : 0;
}
