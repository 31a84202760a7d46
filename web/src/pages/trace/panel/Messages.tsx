import { Button } from "@mantine/core";
import { useState } from "react";
import { Failed } from "@/components/Failed";
import { Skeleton } from "@/components/Skeleton";
import { type CallMessage, type SpanOf, useSpanMessages } from "@/data/queries/span";
import { plural } from "@/model/format";
import { messageText } from "@/model/message-text";
import styles from "./SpanPanel.module.css";

/** What went into one call and came out: what is new in it, and on demand all that it repeats. */
export function Messages({ of }: { readonly of: SpanOf }) {
  const answer = useSpanMessages(of, true);
  const [all, setAll] = useState(false);
  if (answer.error && !answer.data) return <Failed of={answer} />;
  if (!answer.data) return <Skeleton rows={6} height={28} />;
  const { items } = answer.data;
  const old = items.filter((one) => !one.new).length;
  const shown = all || old === items.length ? items : items.filter((one) => one.new);
  return (
    <>
      <Failed of={answer} />
      {old && old < items.length ? (
        <div className={styles.bar}>
          <span className="quiet">{`${plural(old, "message")} from before`}</span>
          <Button variant="default" size="compact-xs" onClick={() => setAll(!all)}>
            {all ? "Only new ones" : "Show all"}
          </Button>
        </div>
      ) : null}
      {shown.map((one) => (
        <Message key={`${one.direction}${one.position}`} message={one} />
      ))}
    </>
  );
}

function Message({ message }: { readonly message: CallMessage }) {
  return (
    <article className={`${styles.message} ${message.new ? "" : styles.known}`}>
      <header className={styles.role}>
        <strong>{message.role || "message"}</strong>
        {message.direction === "output" ? "answer" : ""}
        {message.new ? <span className={styles.new}>new</span> : null}
      </header>
      <pre className={styles.said}>{message.missing ? "Not kept any more." : messageText(message.body, message.text)}</pre>
    </article>
  );
}
