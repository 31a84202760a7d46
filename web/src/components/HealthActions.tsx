/** What somebody may do about health, with a note that goes into the audit. Fetches nothing: whoever draws it acts. */
import { Button, Popover, TextInput } from "@mantine/core";
import { useState } from "react";

type Action = "recheck" | "reset_baseline" | "acknowledge" | "clear";

interface Props {
  /** Whether somebody said already that the state is known. */
  readonly known: boolean;
  readonly busy: boolean;
  readonly onAct: (action: Action, note: string) => void;
}

const MOST_NOTE = 2000;

export function HealthActions({ known, busy, onAct }: Props) {
  const [open, setOpen] = useState(false);
  const [note, setNote] = useState("");
  const act = (action: Action) => {
    onAct(action, note.trim());
    setOpen(false);
    setNote("");
  };
  return (
    <Popover opened={open} onChange={setOpen} trapFocus returnFocus position="bottom-end" shadow="md">
      <Popover.Target>
        <Button variant="default" size="compact-sm" loading={busy} onClick={() => setOpen(!open)} aria-expanded={open}>
          Act on its health
        </Button>
      </Popover.Target>
      <Popover.Dropdown>
        <form
          style={{ display: "grid", gap: 8, width: 280 }}
          onSubmit={(event) => {
            event.preventDefault();
            act(known ? "clear" : "acknowledge");
          }}
        >
          <TextInput
            size="xs"
            label="Note"
            description="Goes into the audit."
            value={note}
            maxLength={MOST_NOTE}
            onChange={(event) => setNote(event.currentTarget.value)}
          />
          <Button type="submit" size="compact-sm">
            {known ? "Take the acknowledgement back" : "Acknowledge: its state is known"}
          </Button>
          <Button variant="default" size="compact-sm" onClick={() => act("reset_baseline")}>
            From now on this is usual
          </Button>
        </form>
      </Popover.Dropdown>
    </Popover>
  );
}
