import { NativeSelect } from "@mantine/core";
import { useState } from "react";
import { useScope } from "@/app/scope";
import { WordsDialog } from "@/components/WordsDialog";
import { type ActedOn, type AlertWish, useActOnAlert } from "@/data/queries/alerts";

export type Act = AlertWish["do"];

interface Props {
  readonly on: ActedOn;
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
const ABOUT_ALL: Readonly<Record<Act, string>> = {
  ...ABOUT,
  acknowledge: "All that go on. From then on only their end is told; what begins later of the same cause is told.",
  release: "All that somebody has are told and escalated again.",
  resolve: "All that go on. Where their rules still hold they come back.",
};
const SNOOZES = [
  { value: "", label: "until it is over" },
  { value: "3600", label: "tell me again in an hour" },
  { value: "14400", label: "tell me again in 4 hours" },
  { value: "86400", label: "tell me again tomorrow" },
  { value: "version", label: "until its agent is at another version" },
];

/** Asks who does something to an alert, or to all of a cause, and why. */
export function ActDialog({ on, act, onClose }: Props) {
  const { project } = useScope();
  const change = useActOnAlert(project, on);
  const [snooze, setSnooze] = useState("");
  return (
    <WordsDialog
      title={TITLES[act]}
      about={("cause" in on ? ABOUT_ALL : ABOUT)[act]}
      button={TITLES[act]}
      needs={act === "acknowledge" ? "who" : act === "notes" ? "note" : undefined}
      busy={change.isPending}
      error={change.error}
      more={
        act === "acknowledge" ? (
          <NativeSelect
            size="xs"
            label="For how long"
            value={snooze}
            data={SNOOZES}
            onChange={(event) => setSnooze(event.currentTarget.value)}
          />
        ) : null
      }
      onSend={(who, note) => change.mutate(wishOf(act, who, note, snooze), { onSuccess: onClose })}
      onClose={onClose}
    />
  );
}

function wishOf(act: Act, who: string, note: string, snooze: string): AlertWish {
  if (act !== "acknowledge") return { do: act, body: { who, note } };
  const seconds = Number(snooze);
  const until = seconds > 0 ? new Date(Date.now() + seconds * 1000).toISOString() : null;
  return { do: act, body: { owner: who, note, until, next_version: snooze === "version" } };
}
