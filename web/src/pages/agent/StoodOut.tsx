/** Where the agent stood out: a figure of it over time within the band that is expected, and what was found, also what it shares with others. */
import { NativeSelect } from "@mantine/core";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { useMemo } from "react";
import { useScope } from "@/app/scope";
import { ButtonLink } from "@/components/ButtonLink";
import { Failed } from "@/components/Failed";
import { Section } from "@/components/Section";
import type { Agent } from "@/data/queries/agents";
import { useAgentFindings } from "@/data/queries/findings";
import { type AgentSearch, readAgentSearch } from "@/model/definition";
import { BUDGETS, FIGURE_WORDS, FIGURES, type Figure, figureOf, isKnown } from "@/model/detected";
import { arrange } from "@/model/findings";
import { plural } from "@/model/format";
import styles from "./AgentPage.module.css";
import { AnomalyChart } from "./AnomalyChart";
import { FoundTable } from "./FoundTable";

const MOST = 8;
const KINDS = [
  { value: "llm", label: "of model calls" },
  { value: "tool", label: "of tool calls" },
];

export function StoodOut({ agent }: { readonly agent: Agent }) {
  const name = agent.agent;
  const scope = useScope();
  const { figure, calls = "llm", alarms = "1" } = readAgentSearch(useSearch({ strict: false }));
  const navigate = useNavigate();
  const found = useAgentFindings(scope, name);
  const rows = useMemo(() => arrange(found.data?.items ?? [], "cause").flatMap((group) => group.findings), [found.data]);
  // Who was never found to stand out, or hardly called, is looked at when somebody wants it.
  const shown = figure ?? (rows.length && isKnown(agent) ? figureOf(rows) : undefined);
  const change = (more: AgentSearch) =>
    void navigate({ to: ".", search: (before: object) => ({ ...before, ...more }) as never, resetScroll: false });
  return (
    <Section
      title="What stands out"
      note={rows.length ? plural(rows.length, "finding") : found.isSuccess ? "nothing was found in this time" : undefined}
      actions={
        rows.length ? (
          <ButtonLink variant="default" size="compact-sm" to="/findings" search={{ agent: name } as never}>
            All findings
          </ButtonLink>
        ) : null
      }
    >
      <div className={styles.choices}>
        <NativeSelect
          size="xs"
          aria-label="Figure"
          value={shown ?? ""}
          data={[...(shown ? [] : [{ value: "", label: "Look at…" }]), ...FIGURES.map((value) => ({ value, label: FIGURE_WORDS[value] }))]}
          onChange={(event) => change({ figure: event.currentTarget.value as Figure })}
        />
        {shown ? (
          <>
            <NativeSelect
              size="xs"
              aria-label="Of which calls"
              value={calls}
              data={KINDS}
              onChange={(event) => change({ calls: event.currentTarget.value === "tool" ? "tool" : undefined })}
            />
            <NativeSelect
              size="xs"
              aria-label="How many false alarms may be"
              value={alarms}
              data={BUDGETS.map((value) => ({ value, label: `${value} false ${value === "1" ? "alarm" : "alarms"} a day` }))}
              onChange={(event) => change({ alarms: BUDGETS.find((one) => one === event.currentTarget.value && one !== "1") })}
            />
          </>
        ) : null}
      </div>
      {shown ? <AnomalyChart agent={agent} figure={shown} kind={calls} budget={Number(alarms)} /> : null}
      <Failed of={found} />
      {rows.length ? <FoundTable rows={rows.slice(0, MOST)} nowMs={found.dataUpdatedAt} /> : null}
    </Section>
  );
}
