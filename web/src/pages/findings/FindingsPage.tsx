/** What analyzers found: put together by cause, the worst first; one of them is told beside the list. */
import { useSearch } from "@tanstack/react-router";
import { useMemo } from "react";
import { useScope } from "@/app/scope";
import { useChange } from "@/app/useChange";
import { ButtonLink } from "@/components/ButtonLink";
import { Empty } from "@/components/Empty";
import list from "@/components/List.module.css";
import { Problem } from "@/components/Problem";
import { QueryBar } from "@/components/QueryBar";
import { Skeleton } from "@/components/Skeleton";
import { asApiError } from "@/data/problem";
import { useCompletion } from "@/data/queries/complete";
import { useFindings } from "@/data/queries/findings";
import { arrange, keep } from "@/model/findings";
import { type FindingsSearch, readFindingsSearch } from "@/model/findings-search";
import { rangeLabel } from "@/model/time-range";
import { Filters } from "./Filters";
import { FindingList } from "./FindingList";
import { FindingSide } from "./FindingSide";
import styles from "./FindingsPage.module.css";
import { useLooking } from "./useLooking";

export function FindingsPage() {
  const search = readFindingsSearch(useSearch({ strict: false }));
  const { query = "", severity, analyzer, agent, by = "cause", finding = "", panel } = search;
  const scope = useScope();
  const completion = useCompletion(scope);
  const found = useFindings(scope, query);
  const all = useMemo(() => found.data?.items ?? [], [found.data]);
  const kept = useMemo(() => keep(all, { severity, analyzer, agent }), [all, severity, analyzer, agent]);
  const groups = useMemo(() => arrange(kept, by), [kept, by]);
  const looked = useLooking(scope, query, found);
  const change = useChange<FindingsSearch>();
  const error = found.error ? asApiError(found.error) : null;
  const mistake = error?.code === "query_invalid" ? { detail: error.message, column: error.column } : null;
  const filtered = query !== "" || kept.length !== all.length;
  return (
    <div className={list.page}>
      <div className={list.tools}>
        <QueryBar
          value={query}
          placeholder="agent:planner severity>=error"
          mistake={mistake}
          onSubmit={(text) => change({ query: text || undefined })}
          {...completion}
        />
        <ButtonLink variant="default" h={32} to="/analyzers">
          Analyzers
        </ButtonLink>
      </div>
      <Filters findings={all} search={search} more={Boolean(found.data?.next_cursor)} onChange={change} />
      {error && !mistake ? <Problem error={error} onRetry={() => void found.refetch()} /> : null}
      <div className={styles.body}>
        {mistake ? (
          <Empty title="The search cannot be understood">It is marked above where.</Empty>
        ) : found.isPending ? (
          <div className={styles.list} aria-busy>
            <Skeleton rows={10} height={52} />
          </div>
        ) : found.isSuccess && !kept.length ? (
          <Empty
            title={filtered ? "No finding matches" : "Nothing stands out"}
            action={
              filtered ? (
                <ButtonLink to="/findings" search={{} as never}>
                  All findings
                </ButtonLink>
              ) : (
                <ButtonLink to="/analyzers">What is looked for</ButtonLink>
              )
            }
          >
            {filtered
              ? `Among what was found, ${rangeLabel(scope).toLowerCase()}.`
              : `Analyzers found nothing in project ${scope.project}, ${rangeLabel(scope).toLowerCase()}. An agent is judged after it has had calls for an hour.`}
          </Empty>
        ) : (
          <FindingList groups={groups} chosen={finding} looked={looked} stale={found.isPlaceholderData} />
        )}
        {finding ? <FindingSide fingerprint={finding} listed={all} width={panel} onChange={change} /> : null}
      </div>
    </div>
  );
}
