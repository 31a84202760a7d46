import { NativeSelect } from "@mantine/core";
import { useMemo } from "react";
import { useScope } from "@/app/scope";
import { ButtonLink } from "@/components/ButtonLink";
import { Chips } from "@/components/Chips";
import { DataTable } from "@/components/DataTable";
import { Empty } from "@/components/Empty";
import { Failed } from "@/components/Failed";
import list from "@/components/List.module.css";
import { Side } from "@/components/side/Side";
import { useNow } from "@/components/useNow";
import { type Alert, useAlerts, useRules } from "@/data/queries/alerts";
import { ALERT_STATES, type AlertsSearch } from "@/model/alerts-search";
import { visible } from "@/model/evidence-words";
import { choicesOf } from "@/model/execution";
import { count } from "@/model/format";
import { PANEL_PX } from "@/model/trace-search";
import { AlertCard } from "./AlertCard";
import { AlertPanel } from "./AlertPanel";
import styles from "./AlertsPage.module.css";
import { alertColumns } from "./alertColumns";

interface Props {
  readonly search: AlertsSearch;
  readonly onChange: (search: AlertsSearch, replace?: boolean) => void;
}

const TONES = { firing: "error", pending: "warning", resolved: "ok" } as const;
const keyOf = (alert: Alert) => alert.id;
const nameOf = (alert: Alert) => `${alert.severity}, ${alert.state}: ${visible(alert.title)}`;
const linkOf = (alert: Alert) => ({ to: ".", search: (before: object) => ({ ...before, alert: alert.id }) as never }) as const;

/** Alerts, last changed first; those that go on, where no state is chosen. One of them is told beside the list. */
export function AlertList({ search, onChange }: Props) {
  const { project } = useScope();
  const { state = [], rule = "", alert = "", panel = PANEL_PX.usual } = search;
  const found = useAlerts(project, state, rule);
  const rules = useRules(project);
  const rows = useMemo(() => found.data?.pages.flatMap((page) => page.items) ?? [], [found.data]);
  const counts = found.data?.pages[0]?.counts ?? [];
  const nowMs = useNow(true, found.dataUpdatedAt);
  const columns = useMemo(() => alertColumns(nowMs), [nowMs]);
  const chips = ALERT_STATES.map((id) => ({
    id,
    label: id,
    count: count(counts.reduce((sum, one) => sum + (one.state === id ? one.count : 0), 0)),
    tone: TONES[id],
  }));
  const toggle = (id: string) => {
    const next = ALERT_STATES.filter((one) => (one === id) !== state.includes(one));
    onChange({ state: next.length ? next : undefined });
  };
  const names = choicesOf(rules.data?.items.map((one) => one.name) ?? [], rule || undefined);
  const narrowed = state.length > 0 || rule !== "";
  return (
    <>
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
      </div>
      <Failed of={found} />
      <div className={styles.body}>
        {found.isSuccess && !rows.length ? (
          <Empty
            title={narrowed ? "No alert matches" : "Nothing fires"}
            action={
              rules.data?.items.length === 0 ? (
                <ButtonLink to="/alerts/rule">Make a rule</ButtonLink>
              ) : narrowed ? (
                <ButtonLink to="/alerts" search={{} as never}>
                  All that go on
                </ButtonLink>
              ) : null
            }
          >
            {rules.data?.items.length === 0
              ? "There is no rule yet. A rule says when somebody has to know: a figure that passes a bound, something that stops, a finding."
              : "What is over is below resolved."}
          </Empty>
        ) : (
          <DataTable
            label="Alerts"
            rows={rows}
            columns={columns}
            keyOf={keyOf}
            linkOf={linkOf}
            nameOf={nameOf}
            compact={(one) => <AlertCard alert={one} nowMs={nowMs} />}
            compactPx={84}
            onMore={found.hasNextPage ? () => void (found.isFetchingNextPage || found.fetchNextPage()) : undefined}
            loading={found.isPending}
            stale={found.isPlaceholderData}
          />
        )}
        {alert ? (
          <Side
            label="Alert"
            width={panel}
            onWidth={(px) => onChange({ panel: px === PANEL_PX.usual ? undefined : px }, true)}
            onClose={() => onChange({ alert: undefined })}
          >
            <AlertPanel key={alert} id={alert} onClose={() => onChange({ alert: undefined })} />
          </Side>
        ) : null}
      </div>
    </>
  );
}
