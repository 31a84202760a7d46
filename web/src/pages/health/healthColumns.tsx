import type { Column } from "@/components/DataTable";
import list from "@/components/List.module.css";
import { None } from "@/components/None";
import { Score } from "@/components/Score";
import type { AgentHealth } from "@/data/queries/standing";
import { count, duration, fullCount, money } from "@/model/format";

const right = { align: "right" } as const;

export const HEALTH_COLUMNS: readonly Column<AgentHealth>[] = [
  {
    id: "agent",
    label: "Agent",
    width: "minmax(140px, 1fr)",
    cell: (agent) => <span className={`${list.title} cut`}>{agent.agent}</span>,
  },
  { id: "score", label: "Health", width: "130px", cell: (agent) => <AgentScore agent={agent} /> },
  { id: "worst", label: "What is worst, and what would restore it", width: "minmax(240px, 3fr)", cell: (agent) => <Worst agent={agent} /> },
  { id: "runs", label: "Runs", width: "64px", ...right, cell: (agent) => number(agent.runs) },
  { id: "failed", label: "Failed", width: "64px", ...right, cell: (agent) => number(agent.failed_runs) },
  { id: "p95", label: "p95", width: "76px", ...right, cell: (agent) => (agent.p95_ns ? duration(agent.p95_ns) : <None />) },
  { id: "cost", label: "Cost", width: "76px", ...right, cell: (agent) => (agent.cost_usd ? money(agent.cost_usd) : <None />) },
];

export function AgentScore({ agent }: { readonly agent: AgentHealth }) {
  return <Score state={agent.state} score={agent.score} words={agent.known ? "acknowledged" : undefined} />;
}

export function Worst({ agent }: { readonly agent: AgentHealth }) {
  if (!agent.worst.length) return <None />;
  const text = agent.worst.map((part) => `${part.told}: ${part.restores}`).join("; ");
  return (
    <span className="cut" title={text}>
      {agent.worst.map((part, at) => (
        <span key={part.name}>
          {at ? "; " : ""}
          {part.told}, <span className="quiet">{part.restores}</span>
        </span>
      ))}
    </span>
  );
}

function number(value: number) {
  return value ? <span title={fullCount(value)}>{count(value)}</span> : <None />;
}
