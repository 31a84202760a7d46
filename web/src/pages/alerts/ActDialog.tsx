import { Button, Modal, NativeSelect, Textarea, TextInput } from "@mantine/core";
import { type FormEvent, useState } from "react";
import { useScope } from "@/app/scope";
import { Problem } from "@/components/Problem";
import { useFocusBack } from "@/components/useFocusBack";
import { type AlertWish, useActOnAlert } from "@/data/queries/alerts";
import { readWho, writeWho } from "@/data/who";
import styles from "./AlertsPage.module.css";

export type Act = AlertWish["do"];

interface Props {
  readonly id: string;
  readonly act: Act;
  readonly onClose: () => void;
}

const TITLES: Readonly<Record<Act, string>> = {
  acknowledge: "Acknowledge",
  release: "Let go",
  resolve: "Resolve",
  notes: "Note",
};
const ABOUT: Readonly<Record<Act, string>> = {
  acknowledge: "From then on only its end is told, and nobody else is woken.",
  release: "It is told and escalated again.",
  resolve: "Where its rule still holds it comes back.",
  notes: "It goes into the history.",
};
const SNOOZES = [
  { value: "", label: "until it is over" },
  { value: "3600", label: "tell me again in an hour" },
  { value: "14400", label: "tell me again in 4 hours" },
  { value: "86400", label: "tell me again tomorrow" },
  { value: "version", label: "until its agent is at another version" },
];

/** Asks who does something to an alert, and why. */
export function ActDialog({ id, act, onClose }: Props) {
  useFocusBack();
  const { project } = useScope();
  const change = useActOnAlert(project, id);
  const [who, setWho] = useState(readWho);
  const [note, setNote] = useState("");
  const [snooze, setSnooze] = useState("");
  const ready = (act !== "acknowledge" || who.trim() !== "") && (act !== "notes" || note.trim() !== "");
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (!ready) return;
    writeWho(who.trim());
    change.mutate(wishOf(act, who.trim(), note.trim(), snooze), { onSuccess: onClose });
  };
  return (
    <Modal opened onClose={onClose} title={TITLES[act]} size={440} transitionProps={{ duration: 80 }}>
      <form onSubmit={submit} className={styles.form}>
        <p className="quiet">{ABOUT[act]}</p>
        <TextInput
          label="Who"
          required={act === "acknowledge"}
          value={who}
          maxLength={256}
          data-autofocus
          onChange={(event) => setWho(event.currentTarget.value)}
        />
        <Textarea
          label="Note"
          required={act === "notes"}
          value={note}
          rows={3}
          maxLength={2000}
          onChange={(event) => setNote(event.currentTarget.value)}
        />
        {act === "acknowledge" ? (
          <NativeSelect label="For how long" value={snooze} data={SNOOZES} onChange={(event) => setSnooze(event.currentTarget.value)} />
        ) : null}
        {change.error ? <Problem error={change.error} /> : null}
        <div className={styles.buttons}>
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
          <Button type="submit" loading={change.isPending} disabled={!ready}>
            {TITLES[act]}
          </Button>
        </div>
      </form>
    </Modal>
  );
}

function wishOf(act: Act, who: string, note: string, snooze: string): AlertWish {
  if (act !== "acknowledge") return { do: act, body: { who, note } };
  const seconds = Number(snooze);
  const until = seconds > 0 ? new Date(Date.now() + seconds * 1000).toISOString() : null;
  return { do: act, body: { owner: who, note, until, next_version: snooze === "version" } };
}
