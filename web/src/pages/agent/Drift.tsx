import { Link } from "@tanstack/react-router";
import { None } from "@/components/None";
import { Section } from "@/components/Section";
import { type SmallColumn, SmallTable } from "@/components/SmallTable";
import type { AgentDetail } from "@/data/queries/registry";
import { ago } from "@/model/format";
import { brief } from "@/model/state-marks";
import styles from "./Registry.module.css";

type Place = AgentDetail["drift"][number];
type Difference = Place["differences"][number];

/** Where the agent runs otherwise than it is deployed; nothing where it does not. */
export function Drift({ agent, nowMs }: { readonly agent: AgentDetail; readonly nowMs: number }) {
  if (!agent.drift.length) return null;
  return (
    <Section title="Drift" note="it runs otherwise than it is deployed">
      {agent.drift.map((place) => (
        <div key={`${place.environment}\n${place.service}`} className={styles.drift}>
          <p>
            <b>{place.environment || "no environment"}</b>
            {place.service ? ` in ${place.service}` : ""} does not run configuration {place.number} since {ago(place.since, nowMs)}.{" "}
            {place.trace_id ? (
              <Link to="/traces/$traceId" params={{ traceId: place.trace_id }}>
                A run that shows it
              </Link>
            ) : null}
          </p>
          <SmallTable
            label={`Drift in ${place.environment || "no environment"}`}
            rows={place.differences}
            columns={COLUMNS}
            keyOf={(one) => one.what}
            empty=""
          />
        </div>
      ))}
    </Section>
  );
}

const COLUMNS: readonly SmallColumn<Difference>[] = [
  { id: "what", label: "What", cell: (one) => one.what },
  { id: "declared", label: "Deployed", wide: true, cell: (one) => shown(one.declared) },
  { id: "observed", label: "Seen", wide: true, cell: (one) => shown(one.observed) },
];

function shown(value: unknown) {
  if (value === null || value === undefined) return <None />;
  return (
    <span className="mono" title={brief(value, 1000)}>
      {brief(value)}
    </span>
  );
}
