import { ActionIcon } from "@mantine/core";
import { IconSearch, IconX } from "@tabler/icons-react";
import { type FormEvent, useEffect, useId, useLayoutEffect, useRef, useState } from "react";
import { useKeys } from "@/app/keys";
import { type Candidate, type Candidates, fitting, take } from "@/model/completion";
import { CompletionList } from "./CompletionList";
import styles from "./QueryBar.module.css";
import { type QueryMistake, QueryMistakeText } from "./QueryMistakeText";
import { useCompletionKeys } from "./useCompletionKeys";

interface Props {
  readonly value: string;
  readonly placeholder: string;
  readonly mistake: QueryMistake | null;
  readonly onSubmit: (query: string) => void;
  /** What may follow what is typed; left out: nothing is offered. */
  readonly candidates?: Candidates | null;
  readonly onTyping?: (typing: { readonly text: string; readonly cursor: number } | null) => void;
}

/** The search text: Enter asks, Escape takes back; arrows choose from what may follow; a mistake is shown at its place. `/` leads here. */
export function QueryBar({ value, placeholder, mistake, onSubmit, candidates = null, onTyping }: Props) {
  const [text, setText] = useState(value);
  const [cursor, setCursor] = useState(value.length);
  const input = useRef<HTMLInputElement>(null);
  const placed = useRef<number | null>(null); // where the cursor has to be once the text is drawn
  const id = useId();
  useEffect(() => setText(value), [value]);
  useLayoutEffect(() => {
    if (placed.current !== null) input.current?.setSelectionRange(placed.current, placed.current);
    placed.current = null;
  });
  useKeys([{ keys: "/", label: "Search", group: "This page", run: () => input.current?.select() }]);
  const items = fitting(candidates, text, cursor);
  const write = (next: string, at: number) => {
    setText(next);
    setCursor(at);
    onTyping?.({ text: next, cursor: at });
  };
  const accept = (item: Candidate) => {
    if (!candidates) return;
    const next = take(candidates, item, text, cursor);
    placed.current = next.cursor;
    write(next.text, next.cursor);
  };
  const list = useCompletionKeys(items, accept);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    list.setOpen(false);
    onSubmit(text.trim());
  };
  const clear = () => {
    setText("");
    onSubmit("");
    input.current?.focus();
  };
  const offers = onTyping !== undefined;
  return (
    <search className={styles.bar} aria-label="Search">
      <form onSubmit={submit}>
        <div className={styles.field} data-wrong={mistake !== null}>
          <IconSearch size={15} aria-hidden />
          <input
            ref={input}
            className={`${styles.input} mono`}
            value={text}
            onChange={(event) => {
              list.setOpen(true);
              write(event.currentTarget.value, event.currentTarget.selectionStart ?? event.currentTarget.value.length);
            }}
            onSelect={(event) => {
              const at = event.currentTarget.selectionStart ?? text.length;
              if (at !== cursor) write(text, at);
            }}
            onFocus={() => onTyping?.({ text, cursor })}
            onBlur={() => {
              list.setOpen(false);
              onTyping?.(null);
            }}
            onKeyDown={(event) => {
              if ((offers && list.press(event)) || event.key !== "Escape") return;
              setText(value);
              event.currentTarget.blur();
            }}
            placeholder={placeholder}
            aria-label="Search text"
            aria-invalid={mistake !== null}
            aria-describedby={mistake ? id : undefined}
            {...(offers
              ? {
                  role: "combobox",
                  "aria-autocomplete": "list" as const,
                  "aria-expanded": list.open,
                  "aria-controls": `${id}-list`,
                  ...(list.at >= 0 ? { "aria-activedescendant": `${id}-list-${list.at}` } : {}),
                }
              : {})}
            spellCheck={false}
            autoComplete="off"
            autoCapitalize="off"
          />
          {text ? (
            <ActionIcon size={22} onClick={clear} aria-label="Clear the search">
              <IconX size={13} />
            </ActionIcon>
          ) : (
            <kbd aria-hidden>/</kbd>
          )}
        </div>
        {list.open ? <CompletionList id={`${id}-list`} items={items} at={list.at} onTake={accept} onPoint={list.setAt} /> : null}
        {mistake ? <QueryMistakeText id={id} mistake={mistake} query={text === value ? value : null} /> : null}
      </form>
    </search>
  );
}
