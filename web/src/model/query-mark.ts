/** A search text cut at its mistake: what is before, the word that is wrong (at least one character, a space past the end), what is after. Columns count characters from 1. */
export function markAt(query: string, column: number): { readonly before: string; readonly wrong: string; readonly after: string } {
  const characters = [...query];
  const at = Math.min(Math.max(0, column - 1), characters.length);
  let end = at;
  while (end < characters.length && !/[\s()<>=:]/.test(characters[end] ?? "")) end += 1;
  end = Math.max(end, at + 1);
  const text = (from: number, to?: number) => characters.slice(from, to).join("");
  return { before: text(0, at), wrong: text(at, end) || " ", after: text(end) };
}
