import { useState } from "react";
import { JsonTree } from "@/components/JsonTree";
import { LongText } from "@/components/LongText";
import { When } from "@/components/When";
import type { StateAt } from "@/data/queries/time-travel";
import { nsOf } from "@/model/moments";
import styles from "./Travel.module.css";

interface Props {
  readonly told: StateAt;
  /** What was said after this (ns) is marked as new. */
  readonly sinceNs: bigint | null;
}

const LATEST = 30;

/** What had been said until then, the latest at the end. */
export function SaidSoFar({ told, sinceNs }: Props) {
  const [all, setAll] = useState(false);
  const { messages } = told;
  if (!messages.length) return <p className="quiet">Nothing had been said, or content is not captured at the source.</p>;
  const shown = all ? messages : messages.slice(-LATEST);
  return (
    <>
      {told.truncated.includes("messages") ? <p className="quiet">These are the first of more.</p> : null}
      {shown.length < messages.length ? (
        <button type="button" className={styles.more} onClick={() => setAll(true)}>
          Show the {messages.length - shown.length} before
        </button>
      ) : null}
      <ol className={styles.messages} aria-label="Messages until then">
        {shown.map((message, at) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: what was said stays in its order
          <li key={at} data-new={(sinceNs !== null && nsOf(message.time) > sinceNs) || undefined}>
            <header>
              <b>{message.role}</b>
              {message.agent ? <span className="quiet">{message.agent}</span> : null}
              <span className={`${styles.took} quiet`}>
                <When iso={message.time} nowMs={Date.now()} />
              </span>
            </header>
            {message.text ? <LongText text={message.text} plain={message.role === "tool"} /> : <JsonTree value={message.body} open={2} />}
          </li>
        ))}
      </ol>
    </>
  );
}
