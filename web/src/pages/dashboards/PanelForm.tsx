import { Modal, Select, Textarea, TextInput } from "@mantine/core";
import { type FormEvent, useState } from "react";
import form from "@/components/Form.module.css";
import { FormEnd } from "@/components/FormEnd";
import { useFocusBack } from "@/components/useFocusBack";
import { MEASURES, type Panel } from "@/model/dashboards";

interface Props {
  readonly panel: Panel;
  readonly onSave: (panel: Panel) => void;
  readonly onClose: () => void;
}

const CHARTS = ["line", "area", "bar", "number", "table"] as const;
const MOST_SPLITS = 3;
const SOURCES = ["spans", "calls", "events", "points", "sql"] as const;

/** What one panel shows, as a form. */
export function PanelForm({ panel, onSave, onClose }: Props) {
  useFocusBack();
  const [draft, setDraft] = useState(panel);
  const [split, setSplit] = useState(panel.group_by.join(", ")); // as it is written: a comma comes before the next name
  const change = (more: Partial<Panel>) => setDraft({ ...draft, ...more });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    onSave({ ...draft, group_by: namesIn(split), title: draft.title.trim() || "Untitled" });
  };
  return (
    <Modal opened onClose={onClose} title={panel.title ? `Change ${panel.title}` : "A new panel"}>
      <form onSubmit={submit} className={form.form}>
        <TextInput
          label="Title"
          value={draft.title}
          onChange={(event) => change({ title: event.currentTarget.value })}
          maxLength={200}
          data-autofocus
        />
        <Select
          label="What is counted"
          data={[...SOURCES]}
          value={draft.source}
          allowDeselect={false}
          onChange={(value) => {
            const source = SOURCES.find((one) => one === value) ?? "spans";
            change({ source, measure: source === "sql" ? "count" : (MEASURES[source][0] ?? "count") });
          }}
        />
        {draft.source === "sql" ? (
          <Textarea
            label="SQL"
            autosize
            minRows={4}
            className="mono"
            value={draft.sql}
            onChange={(event) => change({ sql: event.currentTarget.value })}
          />
        ) : (
          <>
            {draft.source === "points" ? (
              <TextInput label="Metric" value={draft.metric} onChange={(event) => change({ metric: event.currentTarget.value })} />
            ) : null}
            <Select
              label="Figure"
              data={[...MEASURES[draft.source]]}
              value={draft.measure}
              allowDeselect={false}
              onChange={(value) => change({ measure: value ?? "count" })}
            />
            <TextInput
              label="Only what matches"
              placeholder="status:error"
              value={draft.query}
              onChange={(event) => change({ query: event.currentTarget.value })}
            />
            <TextInput
              label="Split by"
              placeholder="agent, model"
              value={split}
              onChange={(event) => setSplit(event.currentTarget.value)}
            />
          </>
        )}
        <Select
          label="Drawn as"
          data={[...CHARTS]}
          value={draft.chart}
          allowDeselect={false}
          onChange={(value) => change({ chart: CHARTS.find((one) => one === value) ?? "line" })}
        />
        <FormEnd button={panel.title ? "Change" : "Add"} busy={false} error={null} onClose={onClose} />
      </form>
    </Modal>
  );
}

function namesIn(text: string): string[] {
  const names = text.split(",").map((one) => one.trim());
  return names.filter(Boolean).slice(0, MOST_SPLITS);
}
