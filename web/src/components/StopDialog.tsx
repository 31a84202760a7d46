import { TextInput } from "@mantine/core";
import { useState } from "react";
import { WordsDialog } from "./WordsDialog";

interface Props {
  /** Empty: it is asked for, too. */
  readonly execution: string;
  readonly busy: boolean;
  readonly error: Error | null;
  readonly onStop: (execution: string, who: string, note: string) => void;
  readonly onClose: () => void;
}

const LONGEST_ID = 4096;

/** Asks who stops an execution, and why. */
export function StopDialog({ execution, busy, error, onStop, onClose }: Props) {
  const [id, setId] = useState(execution);
  return (
    <WordsDialog
      title={execution ? "Stop this execution" : "Stop an execution"}
      about="Its program hears of it when it asks next, and ends it at its next step: within seconds, where it was begun as stoppable. Others never ask."
      button="Ask it to stop"
      note="Why"
      ready={id.trim() !== ""}
      busy={busy}
      error={error}
      onSend={(who, note) => onStop(id.trim(), who, note)}
      onClose={onClose}
    >
      {execution ? null : (
        <TextInput
          label="Id of the execution"
          required
          data-autofocus
          classNames={{ input: "mono" }}
          value={id}
          maxLength={LONGEST_ID}
          spellCheck={false}
          onChange={(event) => setId(event.currentTarget.value)}
        />
      )}
    </WordsDialog>
  );
}
