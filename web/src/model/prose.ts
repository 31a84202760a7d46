/** Text in which markdown has nothing to say: most of what people and models write to each other. In: a text. Out: whether it is such, and its paragraphs. */

/** Whatever may begin markup, a link, a list, a heading, a rule or code. */
const MARKED = /[\\`*_#[\]<>|~&@]|:\/\/|www\.|^(?: {4}|\t| *(?:[-+=]|\d+[.)]))/m;

export function isProse(text: string): boolean {
  return !MARKED.test(text);
}

export function paragraphsOf(text: string): readonly string[] {
  return text.trim().split(/\n(?:[^\S\n]*\n)+/);
}
