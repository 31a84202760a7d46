/** The agents that were active: how often they ran, how it went, what it cost, and which need a look. */
import { useNavigate, useSearch } from "@tanstack/react-router";
import { useMemo } from "react";
import { useScope } from "@/app/scope";
import { ButtonLink } from "@/components/ButtonLink";
import { DataTable } from "@/components/DataTable";
import { Empty } from "@/components/Empty";
import { Problem } from "@/components/Problem";
import { QueryBar } from "@/components/QueryBar";
import { asApiError } from "@/data/problem";
import { type Agent, useAgents } from "@/data/queries/agents";
import { AGENT_ORDERS, type AgentOrder, type AgentsSearch, readAgentsSearch, sortAgents } from "@/model/agents-search";
import { plural } from "@/model/format";
import { rangeLabel } from "@/model/time-range";
import { AgentCard } from "./AgentCard";
import styles from "./AgentsPage.module.css";
import { agentColumns } from "./agentColumns";

const keyOf = (agent: Agent) => agent.agent;
const linkOf = (agent: Agent) => ({ to: "/agents/$agent", params: { agent: agent.agent } }) as const;

export function AgentsPage() {
  const { query = "", sort = "seen" } = readAgentsSearch(useSearch({ strict: false }));
  const scope = useScope();
  const navigate = useNavigate();
  const agents = useAgents(scope, query);
  const change = (more: AgentsSearch) => void navigate({ to: ".", search: (before: object) => ({ ...before, ...more }) as never });
  const rows = useMemo(() => sortAgents(agents.data?.items ?? [], sort), [agents.data, sort]);
  const columns = useMemo(() => agentColumns(agents.dataUpdatedAt || Date.now()), [agents.dataUpdatedAt]);
  const error = agents.error ? asApiError(agents.error) : null;
  const mistake = error?.code === "query_invalid" ? { detail: error.message, column: error.column } : null;
  return (
    <div className={styles.page}>
      <div className={styles.tools}>
        <QueryBar
          value={query}
          placeholder="service:support-desk status:error"
          mistake={mistake}
          onSubmit={(text) => change({ query: text || undefined })}
        />
        <span className={`${styles.total} numbers quiet`}>
          {agents.data?.next_cursor ? "the first " : ""}
          {agents.data ? plural(rows.length, "agent") : ""}
        </span>
      </div>
      {error && !mistake ? <Problem error={error} onRetry={() => void agents.refetch()} /> : null}
      {mistake ? (
        <Empty title="The search cannot be understood">It is marked above where.</Empty>
      ) : agents.isSuccess && rows.length === 0 ? (
        <Empty title="No agents here" action={<ButtonLink to="/start">Connect an agent</ButtonLink>}>
          {query ? "No agent matches" : `No span in project ${scope.project} names an agent`}, {rangeLabel(scope).toLowerCase()}.
        </Empty>
      ) : (
        <DataTable
          label="Agents"
          rows={rows}
          columns={columns}
          keyOf={keyOf}
          linkOf={linkOf}
          nameOf={keyOf}
          compact={(agent) => <AgentCard agent={agent} nowMs={Date.now()} />}
          sort={sort}
          onSort={(column) => change({ sort: AGENT_ORDERS.find((one) => one === (column as AgentOrder) && one !== "seen") })}
          loading={agents.isPending}
          stale={agents.isPlaceholderData}
        />
      )}
    </div>
  );
}
