import type { Column } from "@/components/DataTable";
import list from "@/components/List.module.css";
import { None } from "@/components/None";
import type { Agent } from "@/data/queries/agents";
import { success } from "@/model/agent-health";
import { ago, count, duration, fullCount, fullDuration, fullMoney, money, percent, utc } from "@/model/format";
import styles from "./AgentsPage.module.css";
import { Standing, type Standings } from "./Standing";

const right = { align: "right", sortable: true } as const;

/** The columns of the list of agents; ages are told as of `nowMs`, health as of the last hour. `registered`: some of them say what they are. */
export function agentColumns(nowMs: number, standings: Standings, registered: boolean): readonly Column<Agent>[] {
  return [
    { id: "name", label: "Agent", width: "minmax(140px, 1.4fr)", cell: (agent) => <Name agent={agent} /> },
    {
      id: "health",
      label: "Health",
      width: "minmax(124px, 1fr)",
      cell: (agent) => <Standing agent={agent} standing={standings.get(agent.agent)} />,
    },
    ...(registered ? [{ id: "registered", label: "Registered", width: "minmax(84px, 0.8fr)", cell: registration }] : []),
    { id: "runs", label: "Runs", width: "64px", ...right, cell: (agent) => number(agent.runs) },
    { id: "failed", label: "Success", width: "72px", ...right, cell: (agent) => <Success agent={agent} /> },
    {
      id: "p95",
      label: "p95",
      width: "72px",
      ...right,
      cell: (agent) => (agent.p95_ns ? <span title={fullDuration(Math.round(agent.p95_ns))}>{duration(agent.p95_ns)}</span> : <None />),
    },
    { id: "calls", label: "Calls", width: "60px", ...right, cell: (agent) => number(agent.model_calls) },
    { id: "tokens", label: "Tokens", width: "68px", ...right, cell: (agent) => number(agent.input_tokens + agent.output_tokens) },
    {
      id: "cost",
      label: "Cost",
      width: "70px",
      ...right,
      cell: (agent) => (agent.cost_usd ? <span title={fullMoney(agent.cost_usd)}>{money(agent.cost_usd)}</span> : <None />),
    },
    { id: "models", label: "Models", width: "minmax(90px, 0.8fr)", cell: (agent) => several(agent.models) },
    { id: "tools", label: "Tools", width: "minmax(80px, 0.7fr)", cell: (agent) => several(agent.tools) },
    {
      id: "seen",
      label: "Last seen",
      width: "84px",
      ...right,
      cell: (agent) =>
        agent.state === "declared" ? (
          <span className="quiet">not seen</span>
        ) : (
          <span title={utc(agent.last_seen)}>{ago(agent.last_seen, nowMs)}</span>
        ),
    },
  ];
}

function Name({ agent }: { readonly agent: Agent }) {
  return (
    <span className={styles.name}>
      <span className={`${list.title} cut`}>{agent.agent}</span>
      <span className={`${styles.words} cut`}>{agent.versions.at(-1) ?? ""}</span>
    </span>
  );
}

function registration(agent: Agent) {
  if (agent.state === "seen") return <None />;
  const words = [agent.type || "agent", agent.owner].filter(Boolean).join(" · ");
  return (
    <span className="cut" title={[words, ...agent.tags].join("\n")}>
      {words}
    </span>
  );
}

export function Success({ agent }: { readonly agent: Agent }) {
  const share = success(agent);
  if (share === null) return <None />;
  return (
    <span className={share < 0.95 ? list.failed : ""} title={`${fullCount(agent.failed_runs)} of ${fullCount(agent.runs)} runs failed`}>
      {percent(share)}
    </span>
  );
}

function number(value: number) {
  return value ? <span title={fullCount(value)}>{count(value)}</span> : <None />;
}

function several(names: readonly string[]) {
  if (!names.length) return <None />;
  return (
    <span title={names.join(", ")}>
      {names[0]}
      {names.length > 1 ? <span className="quiet"> +{names.length - 1}</span> : null}
    </span>
  );
}
