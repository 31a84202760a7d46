import { NativeSelect, SegmentedControl } from "@mantine/core";
import type { Change } from "@/app/useChange";
import { Chips } from "@/components/Chips";
import list from "@/components/List.module.css";
import type { Finding } from "@/data/queries/findings";
import { visible } from "@/model/evidence-words";
import { choicesOf } from "@/model/execution";
import { owaspWords, SEVERITIES, severityCounts } from "@/model/findings";
import { count } from "@/model/format";
import { switched } from "@/model/search-state";
import { STANDINGS, type Standing } from "@/model/security";
import { SECURITY_ARRANGEMENTS, type SecurityArrangement, type SecuritySearch } from "@/model/security-search";
import styles from "@/pages/findings/FindingsPage.module.css";

interface Props {
  readonly findings: readonly Finding[];
  readonly search: SecuritySearch;
  readonly more: boolean;
  readonly onChange: Change<SecuritySearch>;
}

const TONES = { critical: "error", error: "error", warning: "warning", info: "pending" } as const;
const ARRANGED: Readonly<Record<SecurityArrangement, string>> = { class: "By class", subject: "By agent", time: "Latest first" };
const STANDING: Readonly<Record<Standing, string>> = { open: "Open", mitigated: "Mitigated", all: "All" };

/** Which security findings are listed, and how they are put together. */
export function SecurityFilters({ findings, search, more, onChange }: Props) {
  const { severity = [], owasp = "", agent = "", standing: wanted = "open", by = "class" } = search;
  const chips = severityCounts(findings, severity).map((one) => ({
    id: one.severity,
    label: one.severity,
    count: `${count(one.count)}${more ? "+" : ""}`,
    tone: TONES[one.severity],
  }));
  const toggle = (id: string) => onChange((before) => ({ severity: switched(SEVERITIES, before.severity, id) }));
  const agents = choicesOf(
    findings.map((one) => one.agent),
    agent || undefined,
  );
  const classes = choicesOf(
    findings.map((one) => one.owasp),
    owasp || undefined,
  );
  return (
    <div className={list.chips}>
      <SegmentedControl
        size="xs"
        aria-label="Which findings"
        value={wanted}
        onChange={(value) => onChange({ standing: value === "open" ? undefined : (value as Standing) })}
        data={STANDINGS.map((value) => ({ value, label: STANDING[value] }))}
      />
      <Chips label="Severity" chips={chips} chosen={severity} onToggle={toggle} />
      {classes.length ? (
        <NativeSelect
          size="xs"
          className={styles.select ?? ""}
          aria-label="Class"
          value={owasp}
          data={[{ value: "", label: "Any class" }, ...classes.map((value) => ({ value, label: owaspWords(value) }))]}
          onChange={(event) => onChange({ owasp: event.currentTarget.value || undefined })}
        />
      ) : null}
      {agents.length ? (
        <NativeSelect
          size="xs"
          className={styles.select ?? ""}
          aria-label="Agent"
          value={agent}
          data={[{ value: "", label: "Any agent" }, ...agents.map((value) => ({ value, label: visible(value).slice(0, 60) }))]}
          onChange={(event) => onChange({ agent: event.currentTarget.value || undefined })}
        />
      ) : null}
      <SegmentedControl
        size="xs"
        className={list.apart ?? ""}
        aria-label="How they are put together"
        value={by}
        onChange={(value) => onChange({ by: value === "class" ? undefined : (value as SecurityArrangement) })}
        data={SECURITY_ARRANGEMENTS.map((value) => ({ value, label: ARRANGED[value] }))}
      />
    </div>
  );
}
