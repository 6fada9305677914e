const SHINGLE_WORDS = 3;
const MAX_WORDS = 5_000;
/** Share of shingles two texts must have in common to count as the same text. */
const SAME_TEXT_JACCARD = 0.8;

/** Runs of three words, lower-case, punctuation aside; a shorter text is one shingle. */
function shingles(text: string): Set<string> {
  const words = (text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? []).slice(0, MAX_WORDS);
  if (words.length <= SHINGLE_WORDS) return new Set([words.join(' ')]);
  const found = new Set<string>();
  for (let start = 0; start + SHINGLE_WORDS <= words.length; start += 1) {
    found.add(words.slice(start, start + SHINGLE_WORDS).join(' '));
  }
  return found;
}

/** Size of the intersection over size of the union, 0 to 1. */
function jaccard(left: ReadonlySet<string>, right: ReadonlySet<string>): number {
  if (left.size === 0 && right.size === 0) return 1;
  let common = 0;
  for (const shingle of left) if (right.has(shingle)) common += 1;
  return common / (left.size + right.size - common);
}

/** Whether two postings say the same: title and text, nearly word for word. */
export function isSameText(
  left: { title: string; description: string | null },
  right: { title: string; description: string | null },
): boolean {
  const text = (posting: { title: string; description: string | null }) =>
    `${posting.title}\n${posting.description ?? ''}`;
  return jaccard(shingles(text(left)), shingles(text(right))) >= SAME_TEXT_JACCARD;
}
