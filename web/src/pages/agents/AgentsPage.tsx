/** The agents that were active: how often they ran, how it went, what it cost, and which need a look. */

import { SegmentedControl } from "@mantine/core";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { Suspense, useMemo } from "react";
import { useKeys } from "@/app/keys";
import { lazyPart } from "@/app/lazy";
import { useScope } from "@/app/scope";
import { useChange } from "@/app/useChange";
import { DataTable } from "@/components/DataTable";
import { Empty } from "@/components/Empty";
import list from "@/components/List.module.css";
import { NoneHere } from "@/components/NoneHere";
import { Problem } from "@/components/Problem";
import { QueryBar } from "@/components/QueryBar";
import { Skeleton } from "@/components/Skeleton";
import { asApiError } from "@/data/problem";
import { type Agent, useAgents, useEdges } from "@/data/queries/agents";
import { useAgentsHealth } from "@/data/queries/standing";
import { AGENT_ORDERS, type AgentOrder, type AgentsSearch, readAgentsSearch, sortAgents } from "@/model/agents-search";
import { callGraph } from "@/model/call-graph";
import { plural } from "@/model/format";
import { AgentCard } from "./AgentCard";
import styles from "./AgentsPage.module.css";
import { agentColumns } from "./agentColumns";
import { Filters } from "./Filters";

const keyOf = (agent: Agent) => agent.agent;
const linkOf = (agent: Agent) => ({ to: "/agents/$agent", params: { agent: agent.agent } }) as const;

const NOTHING_ASKED: AgentsSearch = { query: undefined, state: undefined, type: undefined, owner: undefined, environment: undefined };

const CallGraph = lazyPart(() => import("./CallGraph").then((found) => found.CallGraph));

export function AgentsPage() {
  const { query = "", sort = "seen", show, ...filters } = readAgentsSearch(useSearch({ strict: false }));
  const scope = useScope();
  const agents = useAgents(scope, query, filters);
  const change = useChange<AgentsSearch>();
  const rows = useMemo(() => sortAgents(agents.data?.items ?? [], sort), [agents.data, sort]);
  const judged = useAgentsHealth(scope.project);
  const standings = useMemo(() => new Map(judged.data?.items.map((one) => [one.agent, one])), [judged.data]);
  const registered = rows.some((one) => one.state !== "seen");
  const columns = useMemo(
    () => agentColumns(agents.dataUpdatedAt || Date.now(), standings, registered),
    [agents.dataUpdatedAt, standings, registered],
  );
  const drawn = show === "graph";
  const draw = (wanted: boolean) => change({ show: wanted ? "graph" : undefined });
  useKeys([{ keys: "v", label: "List or graph", group: "This page", run: () => draw(!drawn) }]);
  const error = agents.error ? asApiError(agents.error) : null;
  const mistake = error?.code === "query_invalid" ? { detail: error.message, column: error.column } : null;
  return (
    <div className={list.page}>
      <div className={list.tools}>
        <QueryBar
          value={query}
          placeholder="service:support-desk status:error"
          mistake={mistake}
          onSubmit={(text) => change({ query: text || undefined })}
        />
        <SegmentedControl
          h={32}
          aria-label="How they are shown"
          value={drawn ? "graph" : "list"}
          onChange={(value) => draw(value === "graph")}
          data={[
            { value: "list", label: "List" },
            { value: "graph", label: "Graph" },
          ]}
        />
        <span className={`${list.total} numbers quiet`}>
          {agents.data?.next_cursor ? "the first " : ""}
          {agents.data ? plural(rows.length, "agent") : ""}
        </span>
      </div>
      <Filters query={query} filters={filters} onChange={change} />
      {error && !mistake ? <Problem error={error} onRetry={() => void agents.refetch()} /> : null}
      {mistake ? (
        <Empty title="The search cannot be understood">It is marked above where.</Empty>
      ) : agents.isSuccess && rows.length === 0 ? (
        <NoneHere of="agent" asked={query || Object.keys(filters).length > 0 ? "filters" : null} onClear={() => change(NOTHING_ASKED)}>
          No span names an agent, and none registered.
        </NoneHere>
      ) : drawn ? (
        <Drawn agents={rows} />
      ) : (
        <DataTable
          label="Agents"
          rows={rows}
          columns={columns}
          keyOf={keyOf}
          linkOf={linkOf}
          nameOf={keyOf}
          compact={(agent) => <AgentCard agent={agent} standing={standings.get(agent.agent)} nowMs={Date.now()} />}
          sort={sort}
          onSort={(column) => change({ sort: AGENT_ORDERS.find((one) => one === (column as AgentOrder) && one !== "seen") })}
          loading={agents.isPending}
          stale={agents.isPlaceholderData}
        />
      )}
    </div>
  );
}

function Drawn({ agents }: { readonly agents: readonly Agent[] }) {
  const edges = useEdges(useScope(), "");
  const navigate = useNavigate();
  const graph = useMemo(() => callGraph(agents, edges.data?.items ?? []), [agents, edges.data]);
  if (edges.error) return <Problem error={edges.error} onRetry={() => void edges.refetch()} />;
  if (edges.isPending) return <Skeleton rows={8} height={28} />;
  if (!graph.edges.length) return <Empty title="No agent calls another">A run below a run of another agent is a call of it.</Empty>;
  return (
    <div className={styles.drawn}>
      <Suspense fallback={<Skeleton rows={8} height={28} />}>
        <CallGraph graph={graph} onOpen={(agent) => void navigate({ to: "/agents/$agent", params: { agent } })} />
      </Suspense>
      {edges.data.partial ? <p className="quiet">Of the latest 2,000 traces.</p> : null}
    </div>
  );
}
