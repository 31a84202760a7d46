import { ActionIcon, TextInput } from "@mantine/core";
import { IconChevronDown, IconChevronUp, IconSearch, IconX } from "@tabler/icons-react";
import { useRef } from "react";
import { useKeys } from "@/app/keys";
import { fullCount } from "@/model/format";
import styles from "./FindBar.module.css";

interface Props {
  readonly text: string;
  readonly onText: (text: string) => void;
  /** How many were found, and which of them is chosen (from 0; -1: none). */
  readonly found: number;
  readonly at: number;
  readonly onStep: (forward: boolean) => void;
}

/** Looks for text among the spans of the trace: Enter goes on, Shift+Enter back, Escape ends it. `f` leads here. */
export function FindBar({ text, onText, found, at, onStep }: Props) {
  const input = useRef<HTMLInputElement>(null);
  useKeys([{ keys: "f", label: "Find in this trace", group: "Trace", run: () => input.current?.select() }]);
  return (
    <search className={styles.find}>
      <TextInput
        ref={input}
        size="xs"
        className={styles.input ?? ""}
        aria-label="Find in this trace"
        placeholder="Find a span (f)"
        leftSection={<IconSearch size={14} aria-hidden />}
        value={text}
        onChange={(event) => onText(event.currentTarget.value)}
        onKeyDown={(event) => {
          if (event.key === "Enter") onStep(!event.shiftKey);
          if (event.key !== "Escape") return;
          onText("");
          event.currentTarget.blur();
        }}
      />
      {text ? (
        <>
          <span className={styles.count} aria-live="polite">
            {at >= 0 ? `${fullCount(at + 1)} of ${fullCount(found)}` : `${fullCount(found)} found`}
          </span>
          <ActionIcon variant="subtle" color="gray" size="sm" aria-label="Found before" disabled={!found} onClick={() => onStep(false)}>
            <IconChevronUp size={14} />
          </ActionIcon>
          <ActionIcon variant="subtle" color="gray" size="sm" aria-label="Next found" disabled={!found} onClick={() => onStep(true)}>
            <IconChevronDown size={14} />
          </ActionIcon>
          <ActionIcon variant="subtle" color="gray" size="sm" aria-label="Find nothing" onClick={() => onText("")}>
            <IconX size={14} />
          </ActionIcon>
        </>
      ) : null}
    </search>
  );
}
