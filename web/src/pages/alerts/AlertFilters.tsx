import { NativeSelect, SegmentedControl } from "@mantine/core";
import type { Change } from "@/app/useChange";
import { Chips } from "@/components/Chips";
import list from "@/components/List.module.css";
import type { AlertRule } from "@/data/queries/alerts";
import { ALERT_STATES, type AlertsSearch } from "@/model/alerts-search";
import { choicesOf } from "@/model/execution";
import { count } from "@/model/format";
import { switched } from "@/model/search-state";

interface Props {
  readonly search: AlertsSearch;
  /** Of all alerts of the project; undefined: not known. */
  readonly counts: readonly { readonly state: string; readonly count: number }[] | undefined;
  readonly rules: readonly Pick<AlertRule, "name">[] | undefined;
  readonly onChange: Change<AlertsSearch>;
}

const TONES = { firing: "error", pending: "warning", resolved: "ok" } as const;
const WAYS = [
  { value: "alert", label: "Each alert" },
  { value: "cause", label: "By cause" },
];

/** Which alerts are listed, and whether each stands alone or with those of its cause. */
export function AlertFilters({ search, counts, rules, onChange }: Props) {
  const { state = [], rule = "", by } = search;
  const chips = ALERT_STATES.map((id) => ({
    id,
    label: id,
    count: counts ? count(counts.reduce((sum, one) => sum + (one.state === id ? one.count : 0), 0)) : "",
    tone: TONES[id],
  }));
  const toggle = (id: string) => onChange((before) => ({ state: switched(ALERT_STATES, before.state, id) }));
  const names = choicesOf(rules?.map((one) => one.name) ?? [], rule || undefined);
  return (
    <div className={list.chips}>
      <Chips label="State" chips={chips} chosen={state} onToggle={toggle} />
      {names.length ? (
        <NativeSelect
          size="xs"
          aria-label="Rule"
          value={rule}
          data={[{ value: "", label: "Any rule" }, ...names]}
          onChange={(event) => onChange({ rule: event.currentTarget.value || undefined })}
        />
      ) : null}
      <SegmentedControl
        size="xs"
        className={list.apart ?? ""}
        aria-label="How they are put together"
        value={by ?? "alert"}
        onChange={(value) => onChange({ by: value === "cause" ? "cause" : undefined, cause: undefined, alert: undefined })}
        data={WAYS}
      />
    </div>
  );
}
