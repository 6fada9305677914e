import { closest, distance } from 'fastest-levenshtein';
import { CATEGORY_TABLE, type CategoryEntry, type SpecialtyEntry } from './categoryTable';

export interface CategoryNode {
  name: string;
  slug: string;
  /** Upwork's uid, or null where it is not known to us. */
  uid: string | null;
  level: 'group' | 'category' | 'subcategory' | 'specialty';
  /**
   * Slug of the category or subcategory above; null for a category, whose parent is the group `groupSlug`.
   * A group may share its slug with a category, so a parent slug never names a group.
   */
  parentSlug: string | null;
  group: string;
  groupSlug: string;
}

/** What a job carries; `group` is null for an unknown category, which is kept verbatim. */
export interface JobCategory {
  name: string;
  slug: string;
  group: string | null;
  groupSlug: string | null;
}

interface CategoryGroup {
  name: string;
  slug: string;
}

/** Longer than any name; what is longer is not looked up. */
const MAX_LOOKUP_LENGTH = 120;
const MAX_SLUG_LENGTH = 80;
const SLUG_OF_NOTHING = 'unknown';
/** From here on the beginning of a name is enough to suggest the name. */
const MIN_PREFIX_LENGTH = 4;

const nodes: CategoryNode[] = [];
const nodeByKey = new Map<string, CategoryNode>();
const pathBySlug = new Map<string, readonly string[]>();
const groups: CategoryGroup[] = [];
const groupByKey = new Map<string, CategoryGroup>();
const firstCategoryOfGroup = new Map<string, CategoryNode>();

/** The eight groups of the service. */
export const CATEGORY_GROUPS: readonly CategoryGroup[] = groups;

buildIndex();

/** What suggestions are drawn from: words, for a uid one digit off is not a spelling mistake. */
const nodeKeys = [...nodeByKey.keys()].filter(isWord);
const groupKeys = [...groupByKey.keys()].filter(isWord);

/** Finds a node below group level by name, slug, uid or older spelling; case, punctuation, `&`/`and`, `_`/`-`/space do not matter. */
export function findCategory(text: string): CategoryNode | null {
  return nodeByKey.get(lookupKey(text)) ?? null;
}

/** Finds a group by name, slug or older spelling, also by what a category goes by that is a whole group. */
export function findCategoryGroup(text: string): { name: string; slug: string } | null {
  return groupByKey.get(lookupKey(text)) ?? null;
}

/**
 * The category of a posting: known ones canonically, unknown ones verbatim with a slug made from the name and no group.
 * A posting that states only a group (`Writing & Translation`) carries the group as its category.
 */
export function resolveCategory(text: string): { category: JobCategory; known: boolean } {
  const node = findCategory(text);
  if (node) {
    return {
      category: { name: node.name, slug: node.slug, group: node.group, groupSlug: node.groupSlug },
      known: true,
    };
  }
  const group = findCategoryGroup(text);
  if (group) {
    return { category: { ...group, group: group.name, groupSlug: group.slug }, known: true };
  }
  const name = text.trim();
  return { category: { name, slug: slugOf(name), group: null, groupSlug: null }, known: false };
}

/**
 * Slugs of the node and of everything above it below group level: full-stack-development, web-development,
 * web-mobile-software-dev. An unknown slug is a path of its own.
 */
export function categoryPath(slug: string): string[] {
  return [...(pathBySlug.get(slug) ?? [slug])];
}

/** The nearest known category for a misspelt one, as a slug if the text looks like one, else as a name; null if none is near. */
export function suggestCategory(text: string): string | null {
  const group = findCategoryGroup(text);
  const nearest = nearestIn(nodeByKey, nodeKeys, text);
  const ofGroup = group ? (firstCategoryOfGroup.get(group.slug) ?? null) : null;
  return spelledLike(text, findCategory(text) ?? ofGroup ?? nearest);
}

/** The nearest known group for a misspelt one, or the group of the category that the text names; null if none is near. */
export function suggestCategoryGroup(text: string): string | null {
  const node = findCategory(text);
  const ofNode = node ? { name: node.group, slug: node.groupSlug } : null;
  return spelledLike(text, findCategoryGroup(text) ?? ofNode ?? nearestIn(groupByKey, groupKeys, text));
}

/** Every known node below group level, parents before their children. */
export function allCategories(): readonly CategoryNode[] {
  return nodes;
}

function words(text: string): string[] {
  const found =
    text
      .toLowerCase()
      .replaceAll('&amp;', '&')
      .match(/[\p{L}\p{N}]+/gu) ?? [];
  return found.filter((word) => word !== 'and');
}

/** Written without gaps, so that `back-end` and `backend`, `e-commerce` and `ecommerce` are the same. */
function lookupKey(text: string): string {
  return text.length > MAX_LOOKUP_LENGTH ? '' : words(text).join('');
}

function isWord(key: string): boolean {
  return /\D/.test(key);
}

function slugOf(name: string): string {
  const slug = words(name.slice(0, MAX_SLUG_LENGTH)).join('-');
  return slug === '' ? SLUG_OF_NOTHING : slug;
}

function nearestIn<T>(byKey: ReadonlyMap<string, T>, keys: readonly string[], text: string): T | null {
  const key = lookupKey(text);
  if (!isWord(key)) return null;
  const candidate = closest(key, keys);
  const allowed = key.length < 5 ? 1 : Math.max(2, Math.floor(key.length / 4));
  if (distance(key, candidate) <= allowed) return byKey.get(candidate) ?? null;
  if (key.length < MIN_PREFIX_LENGTH) return null;
  const [shortest] = keys.filter((known) => known.startsWith(key)).sort((a, b) => a.length - b.length);
  return shortest === undefined ? null : (byKey.get(shortest) ?? null);
}

function spelledLike(text: string, found: { name: string; slug: string } | null): string | null {
  if (!found) return null;
  return /^[a-z0-9]+([-_][a-z0-9]+)+$/.test(text.trim()) ? found.slug : found.name;
}

/** Names first, then aliases, each from the top of the tree down: what is entered first keeps the text. */
function buildIndex(): void {
  const entries: { entry: CategoryEntry; node: CategoryNode }[] = [];

  const addNode = (
    given: SpecialtyEntry,
    level: CategoryNode['level'],
    parent: CategoryNode | null,
    group: CategoryGroup,
  ): CategoryNode => {
    const entry = typeof given === 'string' ? { name: given } : given;
    const slug = slugOf(entry.name);
    const node: CategoryNode = {
      name: entry.name,
      slug,
      uid: entry.uid ?? null,
      level,
      parentSlug: parent?.slug ?? null,
      group: group.name,
      groupSlug: group.slug,
    };
    nodes.push(node);
    entries.push({ entry, node });
    pathBySlug.set(slug, [slug, ...(parent ? (pathBySlug.get(parent.slug) ?? []) : [])]);
    return node;
  };

  for (const { name, aliases, categories } of CATEGORY_TABLE) {
    const group = { name, slug: slugOf(name) };
    groups.push(group);
    const [onlyCategory] = categories.length === 1 ? categories : [];
    const inherited = onlyCategory
      ? [onlyCategory.name, onlyCategory.uid ?? '', ...(onlyCategory.aliases ?? [])]
      : [];
    for (const spelling of [name, ...aliases, ...inherited]) enter(groupByKey, spelling, group);

    for (const category of categories) {
      const categoryNode = addNode(category, 'category', null, group);
      if (!firstCategoryOfGroup.has(group.slug)) firstCategoryOfGroup.set(group.slug, categoryNode);
      for (const subcategory of category.subcategories) {
        const subcategoryNode = addNode(subcategory, 'subcategory', categoryNode, group);
        for (const specialty of subcategory.specialties) {
          addNode(specialty, 'specialty', subcategoryNode, group);
        }
      }
    }
  }

  for (const { node } of entries) enter(nodeByKey, node.name, node);
  for (const { entry, node } of entries) {
    for (const uid of [entry.uid, ...(entry.formerUids ?? [])]) enter(nodeByKey, uid ?? '', node);
    for (const alias of entry.aliases ?? []) enter(nodeByKey, alias, node);
  }
  for (const { node } of entries) {
    if (node.level !== 'specialty') enter(nodeByKey, `Other ${node.name}`, node);
  }
}

function enter<T>(byKey: Map<string, T>, spelling: string, target: T): void {
  const key = lookupKey(spelling);
  if (key !== '' && !byKey.has(key)) byKey.set(key, target);
}
