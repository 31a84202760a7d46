import { NativeSelect, SegmentedControl } from "@mantine/core";
import type { Change } from "@/app/useChange";
import { Chips } from "@/components/Chips";
import list from "@/components/List.module.css";
import type { Finding } from "@/data/queries/findings";
import { visible } from "@/model/evidence-words";
import { choicesOf } from "@/model/execution";
import { SEVERITIES, type Severity, severityCounts } from "@/model/findings";
import { ARRANGEMENTS, type FindingsSearch } from "@/model/findings-search";
import { count } from "@/model/format";
import { switched } from "@/model/search-state";
import styles from "./FindingsPage.module.css";

interface Props {
  readonly findings: readonly Finding[];
  readonly search: FindingsSearch;
  /** There are more than were asked for. */
  readonly more: boolean;
  readonly onChange: Change<FindingsSearch>;
}

const TONES: Readonly<Record<Severity, string>> = { critical: "error", error: "error", warning: "warning", info: "pending" };
const WORDS = { cause: "By cause", subject: "By agent", time: "Latest first" } as const;

/** Which findings are listed, and how they are put together. Counts are of findings, each once however often it was told. */
export function Filters({ findings, search, more, onChange }: Props) {
  const { severity = [], analyzer = "", agent = "", by = "cause" } = search;
  const chips = severityCounts(findings, severity).map((one) => ({
    id: one.severity,
    label: one.severity,
    count: `${count(one.count)}${more ? "+" : ""}`,
    tone: TONES[one.severity],
  }));
  const toggle = (id: string) => onChange((before) => ({ severity: switched(SEVERITIES, before.severity, id) }));
  const field = (name: "analyzer" | "agent", label: string, all: readonly string[], chosen: string) => {
    const names = choicesOf(all, chosen || undefined);
    return names.length ? (
      <NativeSelect
        size="xs"
        className={styles.select ?? ""}
        aria-label={label}
        value={chosen}
        data={[{ value: "", label: `Any ${name}` }, ...names.map((value) => ({ value, label: visible(value).slice(0, 60) }))]}
        onChange={(event) => onChange({ [name]: event.currentTarget.value || undefined })}
      />
    ) : null;
  };
  return (
    <div className={list.chips}>
      <Chips label="Severity" chips={chips} chosen={severity} onToggle={toggle} />
      {field(
        "analyzer",
        "Analyzer",
        findings.map((one) => one.analyzer),
        analyzer,
      )}
      {field(
        "agent",
        "Agent",
        findings.map((one) => one.agent),
        agent,
      )}
      <SegmentedControl
        size="xs"
        className={list.apart ?? ""}
        aria-label="How they are put together"
        value={by}
        onChange={(value) => onChange({ by: value === "cause" ? undefined : (value as (typeof ARRANGEMENTS)[number]) })}
        data={ARRANGEMENTS.map((value) => ({ value, label: WORDS[value] }))}
      />
    </div>
  );
}
