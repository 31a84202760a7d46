import { Health } from "@/components/Health";
import type { Agent } from "@/data/queries/agents";
import { agentHealth } from "@/model/agent-health";
import { ago, duration, money, plural } from "@/model/format";
import styles from "./AgentsPage.module.css";

/** An agent in two lines, for narrow screens. */
export function AgentCard({ agent, nowMs }: { readonly agent: Agent; readonly nowMs: number }) {
  const health = agentHealth(agent);
  return (
    <div className={styles.card}>
      <div className={styles.line}>
        <span className={`${styles.title} cut`}>{agent.agent}</span>
        <span className={styles.end}>
          {agent.cost_usd ? <span className="quiet">{money(agent.cost_usd)}</span> : null}
          {agent.p95_ns ? <span>{duration(agent.p95_ns)}</span> : null}
        </span>
      </div>
      <div className={`${styles.line} quiet`}>
        <Health {...health} />
        <span className={styles.end}>
          <span>{plural(agent.runs, "run")}</span>
          <span>{ago(agent.last_seen, nowMs)}</span>
        </span>
      </div>
    </div>
  );
}
