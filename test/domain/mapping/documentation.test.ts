import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { FIELD_NAMES, JOB_FIELDS } from '../../../domain/job';
import { compileMapping } from '../../../domain/mapping/applyMapping';
import { parseMappingDocument } from '../../../domain/mapping/mappingDocument';
import { PARSE_KINDS } from '../../../domain/mapping/ruleSchema';
import { shippedMappings } from '../../../sources/mappings';

const page = readFileSync(resolve(__dirname, '../../../docs/mappings.md'), 'utf8');

function block(name: string): Record<string, unknown> {
  const found = new RegExp(`<!-- ${name} -->\\s*\`\`\`json\\n([\\s\\S]*?)\`\`\``).exec(page)?.[1];
  return JSON.parse(found ?? 'null') as Record<string, unknown>;
}

describe('the page on mappings', () => {
  it('has an example that does what the page says, and nothing else', () => {
    const mapping = compileMapping(parseMappingDocument(block('mapping')));
    const row = block('row');
    expect(mapping.matches(row)).toBe(true);
    const { content, findings, observedAt } = mapping.apply(row, { scrapedAt: null });
    const filled = JOB_FIELDS.filter((field) => content[field] !== null).map((field) => [
      FIELD_NAMES[field],
      content[field],
    ]);
    expect(Object.fromEntries(filled)).toEqual(block('job'));
    expect(findings).toEqual([]);
    expect(observedAt).toBe('2024-05-06T12:53:20.000Z');
  });

  it('names every way of reading and every mapping that is shipped', () => {
    const names = [...PARSE_KINDS, ...shippedMappings.map(({ document }) => document.name)];
    expect(names.filter((name) => !page.includes(`\`${name}\``))).toEqual([]);
  });
});
