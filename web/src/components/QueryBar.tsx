import { ActionIcon } from "@mantine/core";
import { IconSearch, IconX } from "@tabler/icons-react";
import { type FormEvent, useEffect, useId, useRef, useState } from "react";
import { useKeys } from "@/app/keys";
import { markAt } from "@/model/query-mark";
import styles from "./QueryBar.module.css";

export interface QueryMistake {
  readonly detail: string;
  /** Where, from 1; null: nowhere in particular. */
  readonly column: number | null;
}

interface Props {
  readonly value: string;
  readonly placeholder: string;
  readonly mistake: QueryMistake | null;
  readonly onSubmit: (query: string) => void;
}

/** The search text: Enter asks, Escape takes back; a mistake is shown at its place. `/` leads here. */
export function QueryBar({ value, placeholder, mistake, onSubmit }: Props) {
  const [text, setText] = useState(value);
  const input = useRef<HTMLInputElement>(null);
  const id = useId();
  useEffect(() => setText(value), [value]);
  useKeys([{ keys: "/", label: "Search", group: "This page", run: () => input.current?.select() }]);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    onSubmit(text.trim());
  };
  const clear = () => {
    setText("");
    onSubmit("");
    input.current?.focus();
  };
  const mark = mistake?.column && text === value ? markAt(value, mistake.column) : null;
  return (
    <search className={styles.bar} aria-label="Search">
      <form onSubmit={submit}>
        <div className={styles.field} data-wrong={mistake !== null}>
          <IconSearch size={15} aria-hidden />
          <input
            ref={input}
            className={`${styles.input} mono`}
            value={text}
            onChange={(event) => setText(event.currentTarget.value)}
            onKeyDown={(event) => {
              if (event.key !== "Escape") return;
              setText(value);
              event.currentTarget.blur();
            }}
            placeholder={placeholder}
            aria-label="Search text"
            aria-invalid={mistake !== null}
            aria-describedby={mistake ? id : undefined}
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
        {mistake ? (
          <div className={styles.wrong} id={id} role="alert">
            {mark ? (
              <p className={`${styles.place} mono`}>
                {mark.before}
                <mark>{mark.wrong}</mark>
                {mark.after}
              </p>
            ) : null}
            {mistake.detail}
          </div>
        ) : null}
      </form>
    </search>
  );
}
