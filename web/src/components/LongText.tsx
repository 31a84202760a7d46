import { Suspense, useState } from "react";
import { lazyPart } from "@/app/lazy";
import { fullCount } from "@/model/format";
import { structured, wordsOf } from "@/model/message";
import { isProse, paragraphsOf } from "@/model/prose";
import { JsonTree } from "./JsonTree";
import styles from "./LongText.module.css";

const Markdown = lazyPart(() => import("./Markdown").then((found) => found.Markdown));

/** What is drawn of a text that is folded; and from what length on a text is no longer read as markdown. */
const FOLDED = 1200;
const FOLDED_LINES = 18;
const PLAIN_FROM = 100_000;

interface Props {
  readonly text: string;
  /** As it stands, not as markdown: what tools give is as often code as prose. */
  readonly plain?: boolean;
}

/** A text as it is best read: JSON as a tree, else markdown; long ones folded. */
export function LongText({ text, plain = false }: Props) {
  const [whole, setWhole] = useState(false);
  const value = text.length < PLAIN_FROM ? structured(text) : text;
  const words = wordsOf(value);
  if (words !== undefined) return <LongText text={words} plain={plain} />;
  if (typeof value !== "string") return <JsonTree value={value} />;
  const head = headOf(text);
  const shown = whole ? text : head;
  return (
    <div className={styles.long}>
      {plain || shown.length >= PLAIN_FROM ? (
        <div className={`${styles.plain} ${plain ? "mono" : ""}`}>{shown}</div>
      ) : isProse(shown) ? (
        <Prose text={shown} />
      ) : (
        <Suspense fallback={<div className={styles.plain}>{shown}</div>}>
          <Markdown text={shown} />
        </Suspense>
      )}
      {head.length < text.length ? (
        <button type="button" className={styles.more} onClick={() => setWhole(!whole)} aria-expanded={whole}>
          {whole ? "Show less" : `Show all ${fullCount(text.length)} characters`}
        </button>
      ) : null}
    </div>
  );
}

/** As markdown draws it, without the work of reading it. */
function Prose({ text }: { readonly text: string }) {
  return (
    <div className={styles.prose}>
      {paragraphsOf(text).map((paragraph, at) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: paragraphs of a text never change places
        <p key={at}>{paragraph}</p>
      ))}
    </div>
  );
}

function headOf(text: string): string {
  if (text.length <= FOLDED * 1.3 && text.split("\n", FOLDED_LINES + 4).length <= FOLDED_LINES + 3) return text;
  const lines = text.slice(0, FOLDED).split("\n", FOLDED_LINES).join("\n");
  return `${lines.trimEnd()} …`;
}
