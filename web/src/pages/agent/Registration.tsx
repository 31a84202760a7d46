import type { ReactNode } from "react";
import { Figure, Figures } from "@/components/Figure";
import { JsonTree } from "@/components/JsonTree";
import { Section } from "@/components/Section";
import type { AgentDetail } from "@/data/queries/registry";
import { ago, count, utc } from "@/model/format";
import styles from "./Registry.module.css";

/** What the agent says of itself, and the figures that it told. Nothing where it says nothing. */
export function Registration({ agent, nowMs }: { readonly agent: AgentDetail; readonly nowMs: number }) {
  const { registration: told, metrics } = agent;
  if (!told && !metrics) return null;
  return (
    <Section
      title="Registration"
      note={told ? <span title={utc(told.updated)}>{`said ${ago(told.updated, nowMs)}`}</span> : "figures that it told of itself"}
    >
      {told ? (
        <>
          {told.description ? <p className={styles.description}>{told.description}</p> : null}
          <dl className={styles.facts}>
            <Fact name="Type">{told.type}</Fact>
            <Fact name="Owner">{told.owner}</Fact>
            <Fact name="Environment">{told.environment}</Fact>
            <Fact name="Version">{told.version}</Fact>
            <Fact name="Id">{told.agent_id}</Fact>
            <Fact name="Model">{told.model}</Fact>
            <Fact name="Models">{told.models.join(", ")}</Fact>
            <Fact name="Capabilities">{told.capabilities.join(", ")}</Fact>
            <Fact name="Tools">{told.tools.join(", ")}</Fact>
            <Fact name="Tags">{told.tags.length ? <Tags tags={told.tags} /> : null}</Fact>
          </dl>
          {Object.keys(told.metadata).length ? (
            <div className={styles.metadata}>
              <JsonTree value={told.metadata} open={1} />
            </div>
          ) : null}
        </>
      ) : null}
      {metrics ? (
        <Figures label="Told of itself">
          {Object.entries(metrics.values).map(([name, value]) => (
            <Figure key={name} label={name} full={`${String(value)}, ${utc(metrics.time)}`}>
              {typeof value === "number" ? count(value) : String(value)}
            </Figure>
          ))}
        </Figures>
      ) : null}
    </Section>
  );
}

function Fact({ name, children }: { readonly name: string; readonly children: ReactNode }) {
  if (!children) return null;
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}

function Tags({ tags }: { readonly tags: readonly string[] }) {
  return tags.map((tag) => (
    <span key={tag} className={styles.tag}>
      {tag}
    </span>
  ));
}
