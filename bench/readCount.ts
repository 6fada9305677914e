/** The number behind an option, from 1 to `most`. @throws Error that names the option and says how the program is used. */
export function readCount(
  name: string,
  text: string,
  { most, usage }: { most: number; usage: string },
): number {
  const count = /^\d{1,10}$/.test(text.trim()) ? Number(text) : 0;
  if (count >= 1 && count <= most) return count;
  throw new Error(`${name} takes a number from 1 to ${most}. ${usage}`);
}
