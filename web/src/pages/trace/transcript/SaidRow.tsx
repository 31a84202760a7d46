import { useState } from "react";
import { Parts } from "@/components/Parts";
import type { Part } from "@/model/message";
import type { StoryRow } from "@/model/transcript";
import styles from "./Transcript.module.css";

const NAMES: Readonly<Record<string, string>> = { user: "User", assistant: "Assistant", system: "System", tool: "Tool" };

/** Something is said; system prompts begin folded. */
export function SaidRow({ row, onSelect }: { readonly row: StoryRow & { readonly type: "said" }; readonly onSelect: () => void }) {
  const system = row.role === "system";
  const [open, setOpen] = useState(!system);
  return (
    <div className={styles.says} data-role={row.role}>
      <button type="button" className={styles.role} data-role={row.role} onClick={onSelect}>
        {row.final && row.role === "assistant" ? "Answer" : (NAMES[row.role] ?? (row.role || "Message"))}
      </button>
      <div className={styles.words}>
        {system ? (
          <button type="button" className={styles.prompt} onClick={() => setOpen(!open)} aria-expanded={open}>
            <span className="cut">{open ? "System prompt: fold" : beginOf(row.parts)}</span>
          </button>
        ) : null}
        {row.earlier ? <span className={styles.earlier}>said before in this session</span> : null}
        {open ? <Parts parts={row.parts} /> : null}
      </div>
    </div>
  );
}

function beginOf(parts: readonly Part[]): string {
  const text = parts.find((part) => part.type === "text");
  return text?.type === "text" ? text.text.slice(0, 240).replace(/\s+/g, " ") : "System prompt";
}
