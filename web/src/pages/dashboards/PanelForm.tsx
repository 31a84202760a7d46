import { Button, Modal, Select, Textarea, TextInput } from "@mantine/core";
import { type FormEvent, useState } from "react";
import { useFocusBack } from "@/components/useFocusBack";
import { MEASURES, type Panel } from "@/model/dashboards";
import styles from "./Dashboard.module.css";

interface Props {
  readonly panel: Panel;
  readonly onSave: (panel: Panel) => void;
  readonly onClose: () => void;
}

const CHARTS = ["line", "area", "bar", "number", "table"] as const;
const SOURCES = ["spans", "calls", "events", "points", "sql"] as const;

/** What one panel shows, as a form. */
export function PanelForm({ panel, onSave, onClose }: Props) {
  useFocusBack();
  const [draft, setDraft] = useState(panel);
  const change = (more: Partial<Panel>) => setDraft({ ...draft, ...more });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    onSave({ ...draft, title: draft.title.trim() || "Untitled" });
  };
  return (
    <Modal opened onClose={onClose} title={panel.title ? `Change ${panel.title}` : "A new panel"}>
      <form onSubmit={submit} className={styles.form}>
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
              value={draft.group_by.join(", ")}
              onChange={(event) => change({ group_by: event.currentTarget.value.split(/,\s*/).filter(Boolean).slice(0, 3) })}
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
        <Button type="submit">{panel.title ? "Change" : "Add"}</Button>
      </form>
    </Modal>
  );
}
