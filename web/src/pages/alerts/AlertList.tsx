import { useMemo } from "react";
import { useScope } from "@/app/scope";
import type { Change } from "@/app/useChange";
import { DataTable } from "@/components/DataTable";
import { Failed } from "@/components/Failed";
import { Side } from "@/components/side/Side";
import { useNow } from "@/components/useNow";
import { type Alert, useAlerts, useRules } from "@/data/queries/alerts";
import type { AlertsSearch } from "@/model/alerts-search";
import { visible } from "@/model/evidence-words";
import { PANEL_PX } from "@/model/trace-search";
import { AlertCard } from "./AlertCard";
import { AlertFilters } from "./AlertFilters";
import { AlertPanel } from "./AlertPanel";
import styles from "./AlertsPage.module.css";
import { alertColumns } from "./alertColumns";
import { NoAlerts } from "./NoAlerts";

interface Props {
  readonly search: AlertsSearch;
  readonly onChange: Change<AlertsSearch>;
}

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
  const counts = found.data?.pages[0]?.counts;
  const nowMs = useNow(true, found.dataUpdatedAt);
  const columns = useMemo(() => alertColumns(nowMs), [nowMs]);
  const narrowed = state.length > 0 || rule !== "";
  return (
    <>
      <AlertFilters search={search} counts={counts} rules={rules.data?.items} onChange={onChange} />
      <Failed of={found} />
      <div className={styles.body}>
        {found.isSuccess && !rows.length ? (
          <NoAlerts narrowed={narrowed} ruled={rules.data?.items.length !== 0} />
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
