/** What the agent is told to be, as far as telemetry says: its prompt and tools, by version; one compared with another where wanted. */
import { Button, NativeSelect } from "@mantine/core";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { useScope } from "@/app/scope";
import { ButtonLink } from "@/components/ButtonLink";
import { JsonTree } from "@/components/JsonTree";
import { LongText } from "@/components/LongText";
import { Problem } from "@/components/Problem";
import { Section } from "@/components/Section";
import { TextDiff } from "@/components/TextDiff";
import { type AgentDefinition, useDefinitions } from "@/data/queries/agents";
import { type AgentSearch, definitionKey, differences, readAgentSearch, toolsText } from "@/model/definition";
import { ago, plural } from "@/model/format";
import styles from "./Definition.module.css";

export function Definition({ name }: { readonly name: string }) {
  const search = readAgentSearch(useSearch({ strict: false }));
  const navigate = useNavigate();
  const { data, error, isPending, dataUpdatedAt, refetch } = useDefinitions(useScope(), name);
  const change = (more: AgentSearch) =>
    void navigate({ to: ".", search: (before: object) => ({ ...before, ...more }) as never, resetScroll: false });
  if (error && !data) return <Problem error={error} onRetry={() => void refetch()} />;
  const items = data?.items ?? [];
  const known = items.filter((one) => one.prompt || one.tools.length);
  const shown = known.find((one) => definitionKey(one) === search.definition) ?? known[0];
  const against = known.find((one) => definitionKey(one) === search.against);
  if (!shown)
    return (
      <Section title="Definition">
        <p className={`${styles.none} quiet`}>
          {isPending ? "Loading…" : "Its telemetry tells neither a system prompt nor tools: content capture may be off at the source."}
        </p>
      </Section>
    );
  const label = (one: AgentDefinition) =>
    `${one.version ? `version ${one.version}` : "no version"}, seen ${ago(one.last_seen, dataUpdatedAt)}, ${plural(one.spans, "span")}`;
  const options = known.map((one) => ({ value: definitionKey(one), label: label(one) }));
  return (
    <Section
      title="Definition"
      note={data?.partial ? "of the latest 1,000 spans" : undefined}
      actions={
        <div className={styles.choice}>
          {known.length > 1 ? (
            <>
              <NativeSelect
                aria-label="Definition"
                data={options}
                value={definitionKey(shown)}
                onChange={(event) => change({ definition: event.currentTarget.value })}
              />
              <NativeSelect
                aria-label="Compare with"
                data={[{ value: "", label: "Compare with …" }, ...options.filter((one) => one.value !== definitionKey(shown))]}
                value={against ? definitionKey(against) : ""}
                onChange={(event) => change({ against: event.currentTarget.value || undefined })}
              />
            </>
          ) : (
            <span className="quiet">{label(shown)}</span>
          )}
          <ButtonLink
            variant="default"
            to="/traces/$traceId"
            params={{ traceId: shown.trace_id }}
            search={{ span: shown.span_id } as never}
          >
            Where it was seen
          </ButtonLink>
        </div>
      }
    >
      {against && against !== shown ? (
        <Compared one={against} other={shown} onEnd={() => change({ against: undefined })} />
      ) : (
        <Told one={shown} />
      )}
    </Section>
  );
}

function Told({ one }: { readonly one: AgentDefinition }) {
  return (
    <div className={styles.parts}>
      <div className={styles.part}>
        <h3>System prompt</h3>
        {one.prompt ? <LongText text={one.prompt} /> : <p className="quiet">None was told.</p>}
      </div>
      <div className={styles.part}>
        <h3>{one.tools.length ? plural(one.tools.length, "tool") : "Tools"}</h3>
        {one.tools.length ? null : <p className="quiet">None were told.</p>}
        {one.tools.map((tool) => (
          <details key={tool.name} className={styles.tool}>
            <summary>
              <b className="mono">{tool.name}</b> <span className="quiet">{tool.description}</span>
            </summary>
            {tool.parameters ? <JsonTree value={tool.parameters} open={3} /> : <p className="quiet">Its parameters are not told.</p>}
          </details>
        ))}
      </div>
    </div>
  );
}

function Compared({ one, other, onEnd }: { readonly one: AgentDefinition; readonly other: AgentDefinition; readonly onEnd: () => void }) {
  const differ = differences(one, other);
  return (
    <div className={styles.parts} data-compared>
      <p className={styles.told}>
        {differ.length ? `They differ in ${differ.join(" and ")}.` : "They say the same."}{" "}
        <Button size="compact-xs" variant="default" onClick={onEnd}>
          Show one
        </Button>
      </p>
      <div className={styles.part}>
        <h3>System prompt</h3>
        <TextDiff a={one.prompt} b={other.prompt} />
      </div>
      <div className={styles.part}>
        <h3>Tools</h3>
        <TextDiff a={toolsText(one.tools)} b={toolsText(other.tools)} />
      </div>
    </div>
  );
}
