import { useMemo } from "react";
import { useScope } from "@/app/scope";
import type { Change } from "@/app/useChange";
import { DataTable } from "@/components/DataTable";
import { Failed } from "@/components/Failed";
import { Side } from "@/components/side/Side";
import { useNow } from "@/components/useNow";
import { type AlertCause, useAlerts, useCauses, useRules } from "@/data/queries/alerts";
import { causeStanding } from "@/model/alerts";
import type { AlertsSearch } from "@/model/alerts-search";
import { visible } from "@/model/evidence-words";
import { plural } from "@/model/format";
import { PANEL_PX } from "@/model/trace-search";
import { AlertFilters } from "./AlertFilters";
import { AlertPanel } from "./AlertPanel";
import styles from "./AlertsPage.module.css";
import { CauseCard } from "./CauseCard";
import { CausePanel } from "./CausePanel";
import { causeColumns } from "./causeColumns";
import { NoAlerts } from "./NoAlerts";

interface Props {
  readonly search: AlertsSearch;
  readonly onChange: Change<AlertsSearch>;
}

const keyOf = (one: AlertCause) => one.cause;
const nameOf = (one: AlertCause) => `${one.severity}, ${causeStanding(one).words}: ${visible(one.cause)}, ${plural(one.count, "alert")}`;
const linkOf = (one: AlertCause) =>
  ({ to: ".", search: (before: object) => ({ ...before, cause: one.cause, alert: undefined }) as never }) as const;

/** Alerts by what they are put down to, what fires and is worst first. A cause is told beside the list, and from there each of its alerts. */
export function CauseList({ search, onChange }: Props) {
  const { project } = useScope();
  const { state = [], rule = "", alert = "", cause = "", panel = PANEL_PX.usual } = search;
  const found = useCauses(project, state, rule);
  const single = useAlerts(project, state, rule);
  const rules = useRules(project);
  const rows = useMemo(() => found.data?.pages.flatMap((page) => page.items) ?? [], [found.data]);
  const nowMs = useNow(true, found.dataUpdatedAt);
  const columns = useMemo(() => causeColumns(nowMs), [nowMs]);
  const close = () => onChange(alert ? { alert: undefined } : { cause: undefined });
  return (
    <>
      <AlertFilters search={search} counts={single.data?.pages[0]?.counts} rules={rules.data?.items} onChange={onChange} />
      <Failed of={found} />
      <div className={styles.body}>
        {found.isSuccess && !rows.length ? (
          <NoAlerts narrowed={state.length > 0 || rule !== ""} ruled={rules.data?.items.length !== 0} />
        ) : (
          <DataTable
            label="Causes of alerts"
            rows={rows}
            columns={columns}
            keyOf={keyOf}
            linkOf={linkOf}
            nameOf={nameOf}
            compact={(one) => <CauseCard cause={one} nowMs={nowMs} />}
            compactPx={84}
            onMore={found.hasNextPage ? () => void (found.isFetchingNextPage || found.fetchNextPage()) : undefined}
            loading={found.isPending}
            stale={found.isPlaceholderData}
          />
        )}
        {alert || cause ? (
          <Side
            label={alert ? "Alert" : "Cause"}
            width={panel}
            onWidth={(px) => onChange({ panel: px === PANEL_PX.usual ? undefined : px }, true)}
            onClose={close}
          >
            {alert ? <AlertPanel key={alert} id={alert} onClose={close} /> : <CausePanel key={cause} cause={cause} onClose={close} />}
          </Side>
        ) : null}
      </div>
    </>
  );
}
