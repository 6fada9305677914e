import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'csv-parse/sync';
import {
  allCategories,
  CATEGORY_GROUPS,
  categoryPath,
  findCategory,
  findCategoryGroup,
  resolveCategory,
  suggestCategory,
  suggestCategoryGroup,
} from '../../domain/categories';
import { CATEGORY_TABLE, type CategoryEntry } from '../../domain/categoryTable';

const EIGHT_GROUPS = [
  'Development & IT',
  'Design & Creative',
  'Writing & Translation',
  'Sales & Marketing',
  'Admin & Customer Support',
  'Finance & Accounting',
  'Engineering & Architecture',
  'Legal',
];

const TWELVE_CATEGORIES: [name: string, slug: string, uid: string, group: string][] = [
  ['Web, Mobile & Software Dev', 'web-mobile-software-dev', '531770282580668418', 'Development & IT'],
  ['Data Science & Analytics', 'data-science-analytics', '531770282580668420', 'Development & IT'],
  ['IT & Networking', 'it-networking', '531770282580668419', 'Development & IT'],
  ['Design & Creative', 'design-creative', '531770282580668421', 'Design & Creative'],
  ['Writing', 'writing', '531770282580668423', 'Writing & Translation'],
  ['Translation', 'translation', '531770282584862720', 'Writing & Translation'],
  ['Sales & Marketing', 'sales-marketing', '531770282580668422', 'Sales & Marketing'],
  ['Admin Support', 'admin-support', '531770282580668416', 'Admin & Customer Support'],
  ['Customer Service', 'customer-service', '531770282580668417', 'Admin & Customer Support'],
  ['Accounting & Consulting', 'accounting-consulting', '531770282584862721', 'Finance & Accounting'],
  [
    'Engineering & Architecture',
    'engineering-architecture',
    '531770282584862722',
    'Engineering & Architecture',
  ],
  ['Legal', 'legal', '531770282584862723', 'Legal'],
];

function tableEntries(): CategoryEntry[] {
  return CATEGORY_TABLE.flatMap((group) =>
    group.categories.flatMap((category) => [
      category,
      ...category.subcategories.flatMap((subcategory) => [
        subcategory,
        ...subcategory.specialties.map((given) => (typeof given === 'string' ? { name: given } : given)),
      ]),
    ]),
  );
}

describe('the category tree', () => {
  it('has the eight groups of the service', () => {
    expect(CATEGORY_GROUPS.map((group) => group.name)).toEqual(EIGHT_GROUPS);
    expect(CATEGORY_GROUPS.map((group) => group.slug)).toContain('development-it');
  });

  it.each(TWELVE_CATEGORIES)('finds %s by name, slug and uid', (name, slug, uid, group) => {
    for (const text of [name, slug, uid]) {
      expect(findCategory(text)).toMatchObject({
        name,
        slug,
        uid,
        group,
        level: 'category',
        parentSlug: null,
      });
    }
  });

  it('has no category at the top besides the twelve', () => {
    const top = allCategories().filter((node) => node.level === 'category');
    expect(top.map((node) => node.name)).toEqual(TWELVE_CATEGORIES.map(([name]) => name).sort(byTableOrder));
  });

  it('gives every node a slug and a uid of its own', () => {
    const slugs = allCategories().map((node) => node.slug);
    const uids = allCategories().flatMap((node) => node.uid ?? []);
    expect(new Set(slugs).size).toBe(slugs.length);
    expect(new Set(uids).size).toBe(uids.length);
    expect(uids.filter((uid) => !/^\d{18,19}$/.test(uid))).toEqual([]);
  });

  it('knows the uid of every category and subcategory', () => {
    const nameless = allCategories().filter((node) => node.level !== 'specialty' && node.uid === null);
    expect(nameless).toEqual([]);
  });

  it('finds every node by its name, its slug and its uid', () => {
    for (const node of allCategories()) {
      expect(findCategory(node.name)).toBe(node);
      expect(findCategory(node.slug)).toBe(node);
      if (node.uid !== null) expect(findCategory(node.uid)).toBe(node);
    }
  });

  it('lets no older spelling or former uid of one node lead to another', () => {
    const strays = tableEntries().flatMap((entry) =>
      [...(entry.aliases ?? []), ...(entry.formerUids ?? [])].filter(
        (spelling) => findCategory(spelling)?.name !== entry.name,
      ),
    );
    expect(strays).toEqual([]);
  });

  it('hangs every node under one that is there, in the same group', () => {
    for (const node of allCategories()) {
      if (node.parentSlug === null) continue;
      expect(findCategory(node.parentSlug)).toMatchObject({ slug: node.parentSlug, group: node.group });
    }
  });
});

describe('looking up a category', () => {
  it.each([
    ['WEB, MOBILE & SOFTWARE DEV', 'web-mobile-software-dev'],
    ['web_mobile_software_dev', 'web-mobile-software-dev'],
    ['Web Mobile and Software Dev', 'web-mobile-software-dev'],
    ['Scripting &amp; Automation', 'scripting-automation'],
    ['Backend Development', 'back-end-development'],
    ['  full-stack   development ', 'full-stack-development'],
    ['AR/VR Development', 'ar-vr-development'],
    ['ERP / CRM Software', 'erp-crm-software'],
  ])('reads %s whatever its case, punctuation and joints', (text, slug) => {
    expect(findCategory(text)?.slug).toBe(slug);
  });

  it.each([
    ['marketing-branding-sales', 'sales-marketing'],
    ['Web & Mobile Development', 'web-mobile-software-dev'],
    ['Administrative Support', 'admin-support'],
    ['Writing & Content', 'writing'],
    ['Accounting & Finance', 'accounting-consulting'],
    ['Networking & Information Systems', 'it-networking'],
    ['Design & Multimedia', 'design-creative'],
    ['Personal / Virtual Assistant', 'virtual-assistance'],
    ['SEO - Search Engine Optimization', 'seo'],
    ['Resumes & Cover Letters', 'resume-cover-letter-writing'],
    ['Other - IT & Networking', 'it-networking'],
    ['UI/UX Design', 'ux-ui-design'],
  ])('knows the older spelling %s', (text, slug) => {
    expect(findCategory(text)?.slug).toBe(slug);
  });

  it('takes a name that is a group and a category for the category', () => {
    for (const name of ['Sales & Marketing', 'Design & Creative', 'Legal', 'Engineering & Architecture']) {
      expect(findCategory(name)).toMatchObject({ name, level: 'category', group: name });
    }
  });

  it('finds a subcategory by a uid that Upwork has merged into it', () => {
    expect(findCategory('531770282597445638')?.slug).toBe('digital-marketing');
  });

  it('finds nothing in an empty text, in punctuation, in a foreign script or in a text without end', () => {
    for (const text of ['', '  ', '&', '???', 'Дизайн', 'web '.repeat(10_000)]) {
      expect(findCategory(text)).toBeNull();
      expect(findCategoryGroup(text)).toBeNull();
    }
  });
});

describe('looking up a group', () => {
  it.each([
    ['Development & IT', 'development-it'],
    ['development_it', 'development-it'],
    ['Writing and Translation', 'writing-translation'],
    ['marketing', 'sales-marketing'],
    ['Accounting & Consulting', 'finance-accounting'],
    ['Admin Support & Customer Service', 'admin-customer-support'],
    ['531770282584862723', 'legal'],
  ])('reads %s', (text, slug) => {
    expect(findCategoryGroup(text)?.slug).toBe(slug);
  });

  it('does not take a category that is only a part of its group for the group', () => {
    expect(findCategoryGroup('Web, Mobile & Software Dev')).toBeNull();
    expect(findCategoryGroup('Customer Service')).toBeNull();
  });
});

describe('the category of a posting', () => {
  it('is written canonically, with its group, when it is known', () => {
    expect(resolveCategory('sales_marketing')).toEqual({
      category: {
        name: 'Sales & Marketing',
        slug: 'sales-marketing',
        group: 'Sales & Marketing',
        groupSlug: 'sales-marketing',
      },
      known: true,
    });
  });

  it('is kept verbatim, without a group, when it is unknown', () => {
    expect(resolveCategory(' Beekeeping & Honey ')).toEqual({
      category: { name: 'Beekeeping & Honey', slug: 'beekeeping-honey', group: null, groupSlug: null },
      known: false,
    });
    expect(resolveCategory('Дизайн')).toMatchObject({ category: { name: 'Дизайн', slug: 'дизайн' } });
  });

  it('is the group when the posting states no more than that', () => {
    expect(resolveCategory('Writing & Translation')).toEqual({
      category: {
        name: 'Writing & Translation',
        slug: 'writing-translation',
        group: 'Writing & Translation',
        groupSlug: 'writing-translation',
      },
      known: true,
    });
  });

  it('has a slug even when the name has no letter in it', () => {
    expect(resolveCategory('!!!').category.slug).toBe('unknown');
  });
});

describe('the path of a category', () => {
  it('leads from the specialty to the category', () => {
    const path = ['full-stack-development', 'web-development', 'web-mobile-software-dev'];
    expect(categoryPath('full-stack-development')).toEqual(path);
    expect(categoryPath('legal')).toEqual(['legal']);
  });

  it('is the slug itself for an unknown category', () => {
    expect(categoryPath('beekeeping-honey')).toEqual(['beekeeping-honey']);
  });

  it('cannot be spoilt by a caller that changes the list', () => {
    categoryPath('legal').push('spoilt');
    expect(categoryPath('legal')).toEqual(['legal']);
  });
});

describe('suggesting what was meant', () => {
  it.each([
    ['web-developmnt', 'web-development'],
    ['Full Stak Developement', 'Full Stack Development'],
    ['lgeal', 'Legal'],
    ['Graphic', 'Graphic Design'],
    ['writing-translation', 'writing'],
    ['beekeeping', null],
    ['531770282580668999', null],
    ['', null],
  ])('answers the category %s with %s', (text, suggestion) => {
    expect(suggestCategory(text)).toBe(suggestion);
  });

  it.each([
    ['desing-creative', 'design-creative'],
    ['Finance & Acounting', 'Finance & Accounting'],
    ['web-mobile-software-dev', 'development-it'],
    ['beekeeping', null],
  ])('answers the group %s with %s', (text, suggestion) => {
    expect(suggestCategoryGroup(text)).toBe(suggestion);
  });
});

const dataFolder = join(__dirname, '../../../shared/data');
const withRealData = existsSync(dataFolder) ? describe : describe.skip;

withRealData('real postings', () => {
  const rows = (file: string): Record<string, string>[] =>
    parse(readFileSync(join(dataFolder, file)), { bom: true, columns: true, relax_quotes: true });
  const unknownIn = (texts: Iterable<string>): string[] =>
    [...new Set(texts)].filter((text) => text !== '' && !resolveCategory(text).known);

  it('state no category in the feed of 2023 that is unknown or under another category than the feed says', () => {
    const strays = rows('feed-csv-2023/1_1_2023_general.csv').filter((row) => {
      const category = findCategory(row.occupations_category_pref_label ?? '');
      const specialty = findCategory(row.occupations_oservice_pref_label ?? '');
      return !category || !specialty || !categoryPath(specialty.slug).includes(category.slug);
    });
    expect(strays).toEqual([]);
  });

  it('state no unknown category in the RSS feeds of 2024', () => {
    expect(unknownIn(rows('rss-csv-2024/upwork.csv').map((row) => row.category ?? ''))).toEqual([]);
    const snapshots = readdirSync(join(dataFolder, 'rss-2024'));
    const stated = snapshots.flatMap((file) =>
      [
        ...readFileSync(join(dataFolder, 'rss-2024', file), 'utf8').matchAll(/<b>Category<\/b>:([^<]*)</g),
      ].map(([, name]) => name ?? ''),
    );
    expect(stated.length).toBeGreaterThan(0);
    expect(unknownIn(stated)).toEqual([]);
  });

  it('state no unknown category, subcategory or uid in the nodes of the API', () => {
    const sample = readFileSync(
      join(dataFolder, 'upwork-api/marketplaceJobPostingsSearch_sample_nodes.json'),
      'utf8',
    );
    const texts = [...sample.matchAll(/"(?:sub)?category":"([^"]+)"|"category":\{"id":"(\d+)"/g)].map(
      ([, name, uid]) => name ?? uid ?? '',
    );
    expect(texts.length).toBeGreaterThan(0);
    expect(unknownIn(texts)).toEqual([]);
  });
});

function byTableOrder(left: string, right: string): number {
  const order = allCategories().map((node) => node.name);
  return order.indexOf(left) - order.indexOf(right);
}
