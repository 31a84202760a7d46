/** Items whose text holds every word asked for, those where a word begins with the first one leading; the order is kept otherwise. */
export function matching<T>(items: readonly T[], asked: string, textOf: (item: T) => string): readonly T[] {
  const words = asked.toLowerCase().split(/\s+/).filter(Boolean);
  const first = words[0];
  if (!first) return items;
  const found = items
    .map((item) => ({ item, text: textOf(item).toLowerCase() }))
    .filter(({ text }) => words.every((word) => text.includes(word)));
  const begins = (text: string) => text.split(/\s+/).some((word) => word.startsWith(first));
  return [...found.filter(({ text }) => begins(text)), ...found.filter(({ text }) => !begins(text))].map(({ item }) => item);
}
