import { type Change, diffLines, diffWordsWithSpace } from "diff";
import { useMemo } from "react";
import styles from "./TextDiff.module.css";

const WORDS_UP_TO = 20_000;
const LIMIT = { timeout: 300 } as const; // ms; two texts that have nothing in common are then shown whole

/** Two texts as one: what only the first has is struck out, what only the second has is marked. */
export function TextDiff({ a, b }: { readonly a: string; readonly b: string }) {
  const changes = useMemo(() => differences(a, b), [a, b]);
  return (
    <div className={styles.diff}>
      {changes.map((change, at) => {
        // biome-ignore lint/suspicious/noArrayIndexKey: made anew as a whole
        if (change.added) return <ins key={at}>{change.value}</ins>;
        // biome-ignore lint/suspicious/noArrayIndexKey: made anew as a whole
        if (change.removed) return <del key={at}>{change.value}</del>;
        // biome-ignore lint/suspicious/noArrayIndexKey: made anew as a whole
        return <span key={at}>{shortened(change.value)}</span>;
      })}
    </div>
  );
}

function differences(a: string, b: string): readonly Change[] {
  const found = a.length + b.length <= WORDS_UP_TO ? diffWordsWithSpace(a, b, LIMIT) : diffLines(a, b, LIMIT);
  return (
    found ?? [
      { value: a, added: false, removed: true, count: 1 },
      { value: b, added: true, removed: false, count: 1 },
    ]
  );
}

/** Of long stretches that both have, the begin and the end. */
function shortened(text: string): string {
  return text.length <= 800 ? text : `${text.slice(0, 350)} … ${text.slice(-350)}`;
}
