const SHORT = 40;

/** The begin of an id or a name, all of it on hover. */
export function CutText({ text }: { readonly text: string }) {
  return <span title={text}>{text.length > SHORT ? `${text.slice(0, SHORT)}…` : text}</span>;
}
