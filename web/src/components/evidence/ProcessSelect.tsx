import { Select } from "@mantine/core";
import { memo, useMemo } from "react";
import type { Evidence } from "@/model/evidence";
import type { EvidenceSearch } from "@/model/evidence-search";
import { commandOf } from "@/model/evidence-words";
import styles from "./Filters.module.css";

interface Props {
  readonly evidence: Evidence;
  /** Id of the chosen one. */
  readonly process: string | undefined;
  readonly onChange: (more: EvidenceSearch) => void;
}

const MOST = 100; // options that are drawn at once; the rest is found by typing

/** Narrows everything to one process and what is below it. Drawn anew only when it changes: thousands of options are slow. */
export const ProcessSelect = memo(function ProcessSelect({ evidence, process, onChange }: Props) {
  const data = useMemo(
    () => evidence.processes.map(({ told }) => ({ value: told.id, label: `${told.pid} ${commandOf(told)}` })),
    [evidence],
  );
  return (
    <Select
      aria-label="Process"
      placeholder="Every process"
      className={styles.process ?? ""}
      data={data}
      limit={MOST}
      searchable
      clearable
      clearButtonProps={{ "aria-label": "Every process" }}
      nothingFoundMessage="no such process"
      value={process !== undefined && evidence.byId.has(process) ? process : null}
      onChange={(chosen) => onChange({ process: chosen ?? undefined })}
    />
  );
});
