import { Button, SegmentedControl } from "@mantine/core";
import { IconAlertTriangle } from "@tabler/icons-react";
import { type Evidence, SORTS, type Sort } from "@/model/evidence";
import { type EvidenceList, type EvidenceSearch, LISTS, sortsOf, writeSorts } from "@/model/evidence-search";
import { count } from "@/model/format";
import styles from "./Filters.module.css";
import { ProcessSelect } from "./ProcessSelect";

interface Props {
  readonly evidence: Evidence;
  readonly search: EvidenceSearch;
  readonly counts: Readonly<Record<EvidenceList, number>>;
  readonly onChange: (more: EvidenceSearch) => void;
}

const LABELS: Readonly<Record<EvidenceList, string>> = {
  time: "Time",
  actions: "Actions",
  files: "Files",
  hosts: "Hosts",
  calls: "Model calls",
};
const SORT_LABELS: Readonly<Record<Sort, string>> = { program: "Programs", file: "Files", host: "Hosts", call: "Calls" };
/** Sorts that a list can tell apart. */
const SORTS_OF: Partial<Record<EvidenceList, readonly Sort[]>> = { time: SORTS, actions: ["program", "file", "host"] };

/** What is listed, and of what. */
export function Filters({ evidence, search, counts, onChange }: Props) {
  const list = search.list ?? "time";
  const sorts = sortsOf(search);
  const toggle = (sort: Sort) => {
    const all = search.sorts === undefined;
    const next = all ? [sort] : SORTS.filter((one) => (one === sort) !== sorts.has(one));
    onChange({ sorts: writeSorts(next) });
  };
  return (
    <div className={styles.bar}>
      <SegmentedControl
        aria-label="What is listed"
        className={styles.lists ?? ""}
        value={list}
        onChange={(value) => onChange({ list: value === "time" ? undefined : (value as EvidenceList) })}
        data={LISTS.map((value) => ({ value, label: value === "time" ? LABELS[value] : `${LABELS[value]} ${count(counts[value])}` }))}
      />
      <ProcessSelect evidence={evidence} process={search.process} onChange={onChange} />
      {SORTS_OF[list] ? (
        // biome-ignore lint/a11y/useSemanticElements: a <fieldset> would be drawn as one
        <div className={styles.sorts} role="group" aria-label="Kinds">
          {SORTS_OF[list].map((sort) => {
            const on = search.sorts !== undefined && sorts.has(sort);
            return (
              <Button key={sort} size="compact-xs" variant={on ? "light" : "default"} aria-pressed={on} onClick={() => toggle(sort)}>
                {SORT_LABELS[sort]}
              </Button>
            );
          })}
        </div>
      ) : null}
      <Button
        size="compact-xs"
        variant={search.only ? "light" : "default"}
        color={search.only ? "red" : "gray"}
        aria-pressed={search.only !== undefined}
        leftSection={<IconAlertTriangle size={13} aria-hidden />}
        onClick={() => onChange({ only: search.only ? undefined : "unexplained" })}
      >
        Unexplained only
      </Button>
    </div>
  );
}
