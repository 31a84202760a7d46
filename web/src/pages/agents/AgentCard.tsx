import list from "@/components/List.module.css";
import type { Agent } from "@/data/queries/agents";
import type { AgentHealth } from "@/data/queries/standing";
import { ago, duration, money, plural } from "@/model/format";
import { Standing } from "./Standing";

interface Props {
  readonly agent: Agent;
  readonly standing: AgentHealth | undefined;
  readonly nowMs: number;
}

/** An agent in two lines, for narrow screens. */
export function AgentCard({ agent, standing, nowMs }: Props) {
  return (
    <div className={list.card}>
      <div className={list.line}>
        <span className={`${list.title} cut`}>{agent.agent}</span>
        <span className={list.end}>
          {agent.cost_usd ? <span className="quiet">{money(agent.cost_usd)}</span> : null}
          {agent.p95_ns ? <span>{duration(agent.p95_ns)}</span> : null}
        </span>
      </div>
      <div className={`${list.line} quiet`}>
        <Standing agent={agent} standing={standing} />
        <span className={list.end}>
          <span>{plural(agent.runs, "run")}</span>
          <span>{ago(agent.last_seen, nowMs)}</span>
        </span>
      </div>
    </div>
  );
}
