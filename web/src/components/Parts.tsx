import { IconBrain, IconPaperclip } from "@tabler/icons-react";
import { type Part, safeLink, wordsOf } from "@/model/message";
import { JsonTree } from "./JsonTree";
import { LongText } from "./LongText";
import styles from "./Parts.module.css";

/** What a message says: texts, thoughts set apart, requests and results, images by reference. */
export function Parts({ parts }: { readonly parts: readonly Part[] }) {
  return (
    <div className={styles.parts}>
      {parts.map((part, at) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: parts of a message never change places
        <One key={at} part={part} />
      ))}
    </div>
  );
}

function One({ part }: { readonly part: Part }) {
  switch (part.type) {
    case "text":
      return <LongText text={part.text} />;
    case "thought":
      return (
        <div className={styles.thought}>
          <span className={styles.label}>
            <IconBrain size={13} aria-hidden /> Thought
          </span>
          <LongText text={part.text} />
        </div>
      );
    case "media":
      return <Media address={part.address} what={part.what} detail={part.detail} />;
    case "call":
    case "result":
      return (
        <div>
          <span className={styles.label}>
            {part.type === "call" ? "Calls" : part.failed ? "Failed" : "Result"} {part.name}
          </span>
          <AnyValue value={part.value} />
        </div>
      );
    default:
      return (
        <div>
          <span className={styles.label}>{part.what}</span>
          <JsonTree value={part.value} open={1} />
        </div>
      );
  }
}

/** A value of any type: text as text, else a tree. */
export function AnyValue({ value }: { readonly value: unknown }) {
  if (value === undefined || value === null || value === "") return <span className="quiet">nothing</span>;
  const text = typeof value === "string" ? value : wordsOf(value);
  return text === undefined ? <JsonTree value={value} /> : <LongText text={text} plain />;
}

function Media({ address, what, detail }: { readonly address: string; readonly what: string; readonly detail: string }) {
  const link = safeLink(address);
  return (
    <span className={styles.media}>
      <IconPaperclip size={14} aria-hidden />
      <span>{what}</span>
      {link ? (
        <a href={link} target="_blank" rel="noopener noreferrer nofollow" className="cut" title={link}>
          {address}
        </a>
      ) : (
        <span className="quiet cut">{address.slice(0, 200)}</span>
      )}
      {detail ? <span className="quiet cut">{detail}</span> : null}
    </span>
  );
}
