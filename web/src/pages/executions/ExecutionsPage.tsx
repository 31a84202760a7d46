/** The runs of agents, also those that go on: how each stands, what it does, what it spent so far. */

import { NativeSelect } from "@mantine/core";
import { useSearch } from "@tanstack/react-router";
import { useMemo } from "react";
import { useScope } from "@/app/scope";
import { useChange } from "@/app/useChange";
import { Chips } from "@/components/Chips";
import { DataTable } from "@/components/DataTable";
import { Empty } from "@/components/Empty";
import list from "@/components/List.module.css";
import { NoneHere } from "@/components/NoneHere";
import { Problem } from "@/components/Problem";
import { QueryBar } from "@/components/QueryBar";
import { useNow } from "@/components/useNow";
import { asApiError } from "@/data/problem";
import { useAgents } from "@/data/queries/agents";
import { useCompletion } from "@/data/queries/complete";
import { type Execution, useExecutionCounts, useExecutionList } from "@/data/queries/executions";
import { choicesOf, countsOf, type ExecutionsSearch, isGoing, readExecutionsSearch, STATUSES, toneOf } from "@/model/execution";
import { count, fullCount } from "@/model/format";
import { switched } from "@/model/search-state";
import { ExecutionCard } from "./ExecutionCard";
import { executionColumns } from "./executionColumns";

const CARD_PX = 84;
const keyOf = (run: Execution) => run.id;
const linkOf = (run: Execution) => ({ to: "/executions/$executionId", params: { executionId: run.id } }) as const;
const nameOf = (run: Execution) => `${run.agent || run.name || run.id}, ${run.status}`;

export function ExecutionsPage() {
  const { query = "", status = [], agent = "" } = readExecutionsSearch(useSearch({ strict: false }));
  const scope = useScope();
  const found = useExecutionList(scope, { query, status, agent });
  const counted = useExecutionCounts(scope, { query, agent }, !found.isPending); // the list is asked for first
  const agents = useAgents(scope);
  const completion = useCompletion(scope);
  const change = useChange<ExecutionsSearch>();
  const rows = useMemo(() => found.data?.pages.flatMap((page) => page.items) ?? [], [found.data]);
  const nowMs = useNow(
    rows.some((run) => isGoing(run.status)),
    found.dataUpdatedAt,
  );
  const counts = useMemo(() => countsOf(counted.data?.items ?? []), [counted.data]);
  const columns = executionColumns(nowMs, nowMs - found.dataUpdatedAt);
  const error = found.error ? asApiError(found.error) : null;
  const mistake = error?.code === "query_invalid" ? { detail: error.message, column: error.column } : null;
  const chips = STATUSES.filter((one) => counts.get(one) || status.includes(one)).map((one) => {
    const known = counted.data ? (counts.get(one) ?? 0) : undefined;
    return { id: one, label: one, count: count(known), full: fullCount(known ?? 0), tone: toneOf(one) };
  });
  const names = choicesOf(agents.data?.items.map((one) => one.agent) ?? [], agent);
  return (
    <div className={list.page}>
      <div className={list.tools}>
        <QueryBar
          value={query}
          placeholder="session:s-1 status:error"
          mistake={mistake}
          onSubmit={(text) => change({ query: text || undefined })}
          {...completion}
        />
        <NativeSelect
          aria-label="Agent"
          value={agent}
          data={[{ value: "", label: "All agents" }, ...names]}
          onChange={(event) => change({ agent: event.currentTarget.value || undefined })}
        />
      </div>
      <div className={list.chips}>
        <Chips
          label="Status"
          chips={chips}
          chosen={status}
          onToggle={(id) => change((before) => ({ status: switched(STATUSES, before.status, id) }))}
        />
      </div>
      {error && !mistake ? <Problem error={error} onRetry={() => void found.refetch()} /> : null}
      {mistake ? (
        <Empty title="The search cannot be understood">It is marked above where.</Empty>
      ) : found.isSuccess && rows.length === 0 ? (
        <NoneHere
          of="execution"
          asked={query || agent || status.length ? "filters" : null}
          onClear={() => change({ query: undefined, agent: undefined, status: undefined })}
        >
          No agent ran.
        </NoneHere>
      ) : (
        <DataTable
          label="Executions"
          rows={rows}
          columns={columns}
          keyOf={keyOf}
          linkOf={linkOf}
          nameOf={nameOf}
          compactPx={CARD_PX}
          compact={(run) => <ExecutionCard run={run} nowMs={nowMs} heldMs={nowMs - found.dataUpdatedAt} />}
          onMore={found.hasNextPage ? () => void (found.isFetchingNextPage || found.fetchNextPage()) : undefined}
          loading={found.isPending}
          stale={found.isPlaceholderData}
        />
      )}
    </div>
  );
}
