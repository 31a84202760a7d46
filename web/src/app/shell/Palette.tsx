import { Modal } from "@mantine/core";
import { IconArrowRight, IconSearch } from "@tabler/icons-react";
import { type KeyboardEvent, useId, useState } from "react";
import { keyParts } from "@/app/keys";
import { useFocusBack } from "@/components/useFocusBack";
import styles from "./Palette.module.css";
import { type Entry, useEntries } from "./useEntries";

interface Props {
  readonly onClose: () => void;
  readonly onHelp: () => void;
  readonly onRefresh: () => void;
}

/** At once: what is typed right after the key that opened it goes into it. */
const focus = (field: HTMLInputElement | null) => field?.focus();

/** One field that finds pages, actions, what was open lately, and a trace by its id. */
export function Palette({ onClose, onHelp, onRefresh }: Props) {
  useFocusBack();
  const [text, setText] = useState("");
  const [at, setAt] = useState(0);
  const entries = useEntries(text, { onHelp, onRefresh });
  const id = useId();
  const chosen = entries[Math.min(at, entries.length - 1)];
  const run = (entry: Entry | undefined) => {
    if (!entry) return;
    onClose();
    entry.run();
  };
  const press = (event: KeyboardEvent) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step) setAt((entries.length + Math.min(at, entries.length - 1) + step) % Math.max(1, entries.length));
    else if (event.key === "Enter") run(chosen);
    else return;
    event.preventDefault();
  };
  return (
    <Modal
      opened
      onClose={onClose}
      withCloseButton={false}
      padding={0}
      size={560}
      yOffset="12vh"
      aria-label="Find"
      transitionProps={{ duration: 80 }}
    >
      <div className={styles.field}>
        <IconSearch size={16} />
        <input
          ref={focus}
          data-autofocus
          role="combobox"
          aria-expanded
          aria-controls={id}
          aria-activedescendant={chosen ? `${id}-${chosen.id}` : undefined}
          aria-label="Find a page, an action, or a trace by its id"
          placeholder="Find a page, an action, or paste a trace id"
          value={text}
          spellCheck={false}
          autoComplete="off"
          onChange={(event) => {
            setText(event.currentTarget.value);
            setAt(0);
          }}
          onKeyDown={press}
        />
      </div>
      <div id={id} role="listbox" aria-label="Found" className={styles.list}>
        {entries.map((entry, index) => (
          <div key={entry.id}>
            {entries[index - 1]?.group === entry.group ? null : (
              <div className={styles.group} role="presentation">
                {entry.group}
              </div>
            )}
            {/* biome-ignore lint/a11y/useKeyWithClickEvents: the field above has the keys, as a combobox does */}
            <div
              id={`${id}-${entry.id}`}
              role="option"
              tabIndex={-1}
              aria-selected={entry === chosen}
              className={styles.entry}
              onClick={() => run(entry)}
              onMouseMove={() => setAt(index)}
            >
              {entry.icon ? <entry.icon size={16} stroke={1.7} /> : <IconArrowRight size={16} stroke={1.7} />}
              <span className="cut">{entry.label}</span>
              {entry.keys ? <kbd>{keyParts(entry.keys).join(" ")}</kbd> : null}
            </div>
          </div>
        ))}
        {entries.length ? null : <div className={styles.none}>Nothing is called that.</div>}
      </div>
    </Modal>
  );
}
