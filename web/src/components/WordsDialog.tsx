import { Modal, Textarea, TextInput } from "@mantine/core";
import { type FormEvent, type ReactNode, useState } from "react";
import { readWho, writeWho } from "@/data/who";
import styles from "./Form.module.css";
import { FormEnd } from "./FormEnd";
import { useFocusBack } from "./useFocusBack";

interface Props {
  readonly title: string;
  /** What comes of it. */
  readonly about: string;
  readonly button: string;
  /** What the note is called. */
  readonly note?: string;
  /** What has to be said. */
  readonly needs?: "who" | "note" | undefined;
  /** Whether the fields of `children` and `more` are filled. */
  readonly ready?: boolean;
  readonly busy: boolean;
  readonly error: Error | null;
  /** Fields before these. */
  readonly children?: ReactNode;
  /** And after them. */
  readonly more?: ReactNode;
  readonly onSend: (who: string, note: string) => void;
  readonly onClose: () => void;
}

/** Asks who does something, and why. */
export function WordsDialog(props: Props) {
  const { title, about, button, note: label = "Note", needs, ready = true, busy, error, children, more, onSend, onClose } = props;
  useFocusBack();
  const [who, setWho] = useState(readWho);
  const [note, setNote] = useState("");
  const filled = ready && (needs !== "who" || who.trim() !== "") && (needs !== "note" || note.trim() !== "");
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (!filled) return;
    writeWho(who.trim());
    onSend(who.trim(), note.trim());
  };
  return (
    <Modal opened onClose={onClose} title={title} size={440} transitionProps={{ duration: 80 }}>
      <form onSubmit={submit} className={styles.form}>
        <p className="quiet">{about}</p>
        {children}
        <TextInput
          label="Who"
          required={needs === "who"}
          value={who}
          maxLength={256}
          data-autofocus={children ? undefined : true}
          onChange={(event) => setWho(event.currentTarget.value)}
        />
        <Textarea
          label={label}
          required={needs === "note"}
          value={note}
          rows={3}
          maxLength={2000}
          onChange={(event) => setNote(event.currentTarget.value)}
        />
        {more}
        <FormEnd button={button} busy={busy} error={error} disabled={!filled} onClose={onClose} />
      </form>
    </Modal>
  );
}
