import { Modal, NativeSelect, Textarea, TextInput } from "@mantine/core";
import { type FormEvent, useState } from "react";
import { useScope } from "@/app/scope";
import form from "@/components/Form.module.css";
import { FormEnd } from "@/components/FormEnd";
import { useFocusBack } from "@/components/useFocusBack";
import { useChangeSilence } from "@/data/queries/alerts";
import { readWho, writeWho } from "@/data/who";
import { matcherLines } from "@/model/alerts";
import styles from "./AlertsPage.module.css";

interface Props {
  /** What it begins with. */
  readonly matchers: readonly string[];
  readonly onClose: () => void;
}

const LENGTHS = [
  { value: "3600", label: "1 hour" },
  { value: "14400", label: "4 hours" },
  { value: "86400", label: "1 day" },
  { value: "604800", label: "1 week" },
];

/** For a time nothing is told of alerts that match; one that begins later is a maintenance window. */
export function SilenceDialog({ matchers, onClose }: Props) {
  useFocusBack();
  const { project } = useScope();
  const change = useChangeSilence(project);
  const [text, setText] = useState(() => matchers.join("\n"));
  const [begins, setBegins] = useState("");
  const [length, setLength] = useState("14400");
  const [why, setWhy] = useState("");
  const [who, setWho] = useState(readWho);
  const lines = matcherLines(text);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (!lines.length) return;
    writeWho(who.trim());
    const startsMs = begins ? new Date(begins).getTime() : Date.now();
    const silence = {
      matchers: [...lines],
      starts: new Date(startsMs).toISOString(),
      ends: new Date(startsMs + Number(length) * 1000).toISOString(),
      comment: why.trim(),
      author: who.trim(),
    };
    change.mutate({ do: "add", silence }, { onSuccess: onClose });
  };
  return (
    <Modal opened onClose={onClose} title="Silence" size={460} transitionProps={{ duration: 80 }}>
      <form onSubmit={submit} className={form.form}>
        <p className="quiet">Alerts that match all of these still fire and are shown; nobody is told.</p>
        <Textarea
          label="Labels, one in each line"
          description="rule=errors, agent!=planner; * stands for any text"
          classNames={{ input: "mono" }}
          value={text}
          rows={4}
          data-autofocus
          spellCheck={false}
          onChange={(event) => setText(event.currentTarget.value)}
        />
        <div className={styles.pair}>
          <TextInput
            label="Begins"
            description="empty: now"
            type="datetime-local"
            value={begins}
            onChange={(event) => setBegins(event.currentTarget.value)}
          />
          <NativeSelect
            label="Lasts"
            description="from then on"
            value={length}
            data={LENGTHS}
            onChange={(event) => setLength(event.currentTarget.value)}
          />
        </div>
        <TextInput label="Why" value={why} maxLength={2000} onChange={(event) => setWhy(event.currentTarget.value)} />
        <TextInput label="Who" value={who} maxLength={256} onChange={(event) => setWho(event.currentTarget.value)} />
        <FormEnd button="Silence" busy={change.isPending} error={change.error} disabled={!lines.length} onClose={onClose} />
      </form>
    </Modal>
  );
}
