/** Attacks, and agents that were led astray: when and how bad, who is threatened how much, and each finding with the rows that show it. */
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
import { securityQuery } from "@/model/security";
import { readSecuritySearch, type SecuritySearch } from "@/model/security-search";
import { rangeLabel } from "@/model/time-range";
import { SeverityStrip } from "@/pages/events/SeverityStrip";
import { FindingList } from "@/pages/findings/FindingList";
import { FindingSide } from "@/pages/findings/FindingSide";
import found from "@/pages/findings/FindingsPage.module.css";
import { SecurityFilters } from "./SecurityFilters";
import { Threats } from "./Threats";

const SEEN = "9"; // nothing is new here: that is told in the inbox

export function SecurityPage() {
  const search = readSecuritySearch(useSearch({ strict: false }));
  const { query = "", severity, agent, owasp = "", standing: wanted = "open", by = "class", finding = "", panel } = search;
  const scope = useScope();
  const completion = useCompletion(scope);
  const asked = securityQuery(query);
  const answer = useFindings(scope, asked, { open: false, mitigated: true, all: undefined }[wanted]);
  const all = useMemo(() => answer.data?.items ?? [], [answer.data]);
  const kept = useMemo(() => keep(all, { severity, agent }).filter((one) => !owasp || one.owasp === owasp), [all, severity, agent, owasp]);
  const groups = useMemo(() => arrange(kept, by), [kept, by]);
  const change = useChange<SecuritySearch>();
  const error = answer.error ? asApiError(answer.error) : null;
  const mistake = error?.code === "query_invalid" ? { detail: error.message, column: error.column } : null;
  const head = (
    <>
      <SeverityStrip query={asked} label="Security findings by severity" />
      <Threats query={query} agent={agent ?? ""} onAgent={(name) => change({ agent: name })} />
    </>
  );
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
        <ButtonLink variant="default" h={32} to="/findings">
          All findings
        </ButtonLink>
      </div>
      <SecurityFilters findings={all} search={search} more={Boolean(answer.data?.next_cursor)} onChange={change} />
      {error && !mistake ? <Problem error={error} onRetry={() => void answer.refetch()} /> : null}
      <div className={found.body}>
        {mistake ? (
          <Empty title="The search cannot be understood">It is marked above where.</Empty>
        ) : answer.isPending ? (
          <div className={found.list} aria-busy>
            <Skeleton rows={10} height={52} />
          </div>
        ) : answer.isSuccess && !all.length && !query && wanted === "all" ? (
          <Empty title="No attack was seen" action={<ButtonLink to="/analyzers">What is looked for</ButtonLink>}>
            {`Nothing that looks like an attack or a leak in project ${scope.project}, ${rangeLabel(scope).toLowerCase()}.`}
          </Empty>
        ) : (
          <FindingList
            groups={groups}
            chosen={finding}
            looked={SEEN}
            stale={answer.isPlaceholderData}
            head={
              <>
                {head}
                {kept.length || !answer.data ? null : (
                  <Empty
                    title={wanted === "open" ? "Nothing is open" : "No finding matches"}
                    action={
                      <ButtonLink to="/security" search={{ standing: "all" } as never}>
                        All security findings
                      </ButtonLink>
                    }
                  >
                    {`Among what was found, ${rangeLabel(scope).toLowerCase()}.`}
                  </Empty>
                )}
              </>
            }
          />
        )}
        {finding ? <FindingSide fingerprint={finding} listed={all} width={panel} onChange={change} /> : null}
      </div>
    </div>
  );
}
