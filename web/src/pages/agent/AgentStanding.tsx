/** How an agent stands: its score, the parts of it, and what would restore them. The last hour, whatever time the page is about. */
import { useScope } from "@/app/scope";
import { HealthActions } from "@/components/HealthActions";
import { HealthParts } from "@/components/HealthParts";
import { Problem } from "@/components/Problem";
import { Score } from "@/components/Score";
import { Section } from "@/components/Section";
import { useActOnHealth, useAgentHealth } from "@/data/queries/standing";
import { utc } from "@/model/format";

export function AgentStanding({ name }: { readonly name: string }) {
  const { project } = useScope();
  const found = useAgentHealth(project, name);
  const act = useActOnHealth(project);
  const health = found.data;
  if (!health && !found.error) return null;
  const error = act.error ?? found.error;
  const actions = health ? (
    <HealthActions known={health.known !== null} busy={act.isPending} onAct={(action, note) => act.mutate({ action, agent: name, note })} />
  ) : null;
  return (
    <Section title="Health" note="the last hour, against the seven days before" actions={actions}>
      {error ? <Problem error={error} onRetry={() => void found.refetch()} /> : null}
      {health ? (
        <>
          <p style={{ margin: "0 0 4px" }}>
            <Score state={health.state} score={health.score} words={health.known ? "acknowledged" : undefined} />
            {health.known?.note ? <span className="quiet"> · {health.known.note}</span> : null}
            {health.baseline_since ? (
              <span className="quiet" title={utc(health.baseline_since)}>
                {" "}
                · what is usual counts from a time that somebody chose
              </span>
            ) : null}
          </p>
          <HealthParts
            label={`Parts of the health of ${name}`}
            parts={health.parts.map((part) => ({
              name: part.name,
              score: part.score,
              weight: part.weight,
              told: part.told,
              more: part.restores,
            }))}
          />
        </>
      ) : null}
    </Section>
  );
}
