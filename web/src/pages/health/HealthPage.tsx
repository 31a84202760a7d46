/** How everything stands: the system's parts, and every agent, the worst first, with what would restore it. */

import { Button, SegmentedControl } from "@mantine/core";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { useMemo } from "react";
import { useScope } from "@/app/scope";
import { ButtonLink } from "@/components/ButtonLink";
import { DataTable } from "@/components/DataTable";
import { Empty } from "@/components/Empty";
import { HealthParts } from "@/components/HealthParts";
import list from "@/components/List.module.css";
import { Problem } from "@/components/Problem";
import { Score } from "@/components/Score";
import { Skeleton } from "@/components/Skeleton";
import { type AgentHealth, type SystemStanding, useActOnHealth, useAgentsHealth, useSystemStanding } from "@/data/queries/standing";
import { HEALTH_STATES, readHealthSearch } from "@/model/health-search";
import { countWords, stateWords } from "@/model/standing";
import styles from "./HealthPage.module.css";
import { AgentScore, HEALTH_COLUMNS, Worst } from "./healthColumns";

const keyOf = (agent: AgentHealth) => agent.agent;
const linkOf = (agent: AgentHealth) => ({ to: "/agents/$agent", params: { agent: agent.agent } }) as const;
const CHOICES = [{ value: "all", label: "All" }, ...HEALTH_STATES.map((state) => ({ value: state, label: stateWords(state) }))];

export function HealthPage() {
  const { state } = readHealthSearch(useSearch({ strict: false }));
  const { project } = useScope();
  const navigate = useNavigate();
  const system = useSystemStanding(project);
  const agents = useAgentsHealth(project);
  const act = useActOnHealth(project);
  const rows = useMemo(() => (agents.data?.items ?? []).filter((agent) => !state || agent.state === state), [agents.data, state]);
  const choose = (value: string) =>
    void navigate({ to: ".", search: (before: object) => ({ ...before, state: value === "all" ? undefined : value }) as never });
  const error = act.error ?? system.error ?? agents.error;
  return (
    <div className={list.page}>
      <section className={styles.system} aria-label="The system">
        <header className={styles.head}>
          <h2>System</h2>
          {system.data ? <Score state={system.data.state} score={system.data.score} /> : null}
          <span className="quiet">{system.data && countWords(system.data.counts) ? `agents: ${countWords(system.data.counts)}` : ""}</span>
          <Button
            className={list.end ?? ""}
            variant="default"
            size="compact-sm"
            loading={act.isPending}
            onClick={() => act.mutate({ action: "recheck" })}
          >
            Check now
          </Button>
        </header>
        {error ? <Problem error={error} onRetry={() => void Promise.all([system.refetch(), agents.refetch()])} /> : null}
        {system.data ? <SystemParts system={system.data} /> : system.error ? null : <Skeleton rows={5} height={20} />}
        <SegmentedControl
          className={styles.states ?? ""}
          size="xs"
          aria-label="Agents by state"
          value={state ?? "all"}
          onChange={choose}
          data={CHOICES}
        />
      </section>
      {agents.isSuccess && rows.length === 0 ? (
        <Empty
          title={state ? `No agent is ${stateWords(state)}` : "No agent to judge"}
          action={<ButtonLink to="/agents">All agents</ButtonLink>}
        >
          An agent is judged when a run or a call of it ended in the last hour, against the seven days before.
        </Empty>
      ) : (
        <DataTable
          label="Agents by health"
          rows={rows}
          columns={HEALTH_COLUMNS}
          keyOf={keyOf}
          linkOf={linkOf}
          nameOf={keyOf}
          compact={(agent) => <AgentHealthCard agent={agent} />}
          loading={agents.isPending}
          stale={agents.isPlaceholderData}
        />
      )}
    </div>
  );
}

function SystemParts({ system }: { readonly system: SystemStanding }) {
  const parts = system.parts.map(({ name, score, weight, told, problems }) => ({ name, score, weight, told, more: problems.join("; ") }));
  return <HealthParts label="Parts of the system" parts={parts} />;
}

function AgentHealthCard({ agent }: { readonly agent: AgentHealth }) {
  return (
    <div className={list.card}>
      <div className={list.line}>
        <span className={`${list.title} cut`}>{agent.agent}</span>
        <span className={list.end}>
          <AgentScore agent={agent} />
        </span>
      </div>
      <div className={`${list.line} quiet`}>
        <Worst agent={agent} />
      </div>
    </div>
  );
}
