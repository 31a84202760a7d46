import { Button, TextInput } from "@mantine/core";
import { type FormEvent, type KeyboardEvent, useState } from "react";
import { between, bounds, type TimeRange } from "@/model/time-range";
import styles from "./AbsoluteRange.module.css";

interface Props {
  readonly range: TimeRange;
  readonly onChoose: (range: TimeRange) => void;
}

/** Two times in the viewer's zone. */
export function AbsoluteRange({ range, onChoose }: Props) {
  const [{ fromMs, toMs }] = useState(() => bounds(range, Date.now()));
  const [from, setFrom] = useState(() => localText(fromMs));
  const [to, setTo] = useState(() => localText(toMs));
  const [a, b] = [Date.parse(from), Date.parse(to)];
  const valid = !Number.isNaN(a) && !Number.isNaN(b) && a < b;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (valid) onChoose(between(a, b));
  };
  // The menu around this moves its focus with these keys, which a field of time needs itself.
  const keep = (event: KeyboardEvent) => event.key !== "Escape" && event.stopPropagation();
  return (
    <form className={styles.form} onSubmit={submit} onKeyDown={keep}>
      <TextInput type="datetime-local" step={1} label="From" value={from} onChange={(event) => setFrom(event.currentTarget.value)} />
      <TextInput
        type="datetime-local"
        step={1}
        label="To"
        value={to}
        onChange={(event) => setTo(event.currentTarget.value)}
        error={valid ? null : "Has to be after From"}
      />
      <Button type="submit" disabled={!valid} fullWidth>
        Apply
      </Button>
    </form>
  );
}

function localText(ms: number): string {
  const at = new Date(ms);
  return new Date(ms - at.getTimezoneOffset() * 60_000).toISOString().slice(0, 19);
}
