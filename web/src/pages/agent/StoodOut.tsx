/** Where the agent stood out: a figure of it over time with the band that was expected, and what was found, the worst first. Nothing where nothing was. */
import { SegmentedControl } from "@mantine/core";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { useMemo } from "react";
import { useScope } from "@/app/scope";
import { ButtonLink } from "@/components/ButtonLink";
import { Failed } from "@/components/Failed";
import { Section } from "@/components/Section";
import { useAgentFindings, useFindings } from "@/data/queries/findings";
import { figuresOf, figureWords, outliersOf } from "@/model/agent-anomaly";
import { readAgentSearch } from "@/model/definition";
import { arrange } from "@/model/findings";
import { plural } from "@/model/format";
import { quoteValue } from "@/model/search-edit";
import styles from "./AgentPage.module.css";
import { AnomalyChart } from "./AnomalyChart";
import { FoundTable } from "./FoundTable";

const MOST = 8;

export function StoodOut({ name }: { readonly name: string }) {
  const scope = useScope();
  const { figure } = readAgentSearch(useSearch({ strict: false }));
  const navigate = useNavigate();
  const found = useFindings(scope, `agent:${quoteValue(name)}`);
  const told = useAgentFindings(scope, name, Boolean(found.data?.items.length));
  const outliers = useMemo(() => outliersOf(told.data?.items ?? []), [told.data]);
  const figures = figuresOf(outliers);
  const shown = figures.find((one) => one.name === figure) ?? figures[0];
  const rows = useMemo(() => arrange(found.data?.items ?? [], "subject").flatMap((group) => group.findings), [found.data]);
  if (!found.error && !rows.length) return null;
  const choose = (value: string) =>
    void navigate({ to: ".", search: (before: object) => ({ ...before, figure: value }) as never, resetScroll: false });
  return (
    <Section
      title="What stood out"
      note={found.data ? plural(rows.length, "finding") : undefined}
      actions={
        <ButtonLink variant="default" size="compact-sm" to="/findings" search={{ agent: name } as never}>
          All of them
        </ButtonLink>
      }
    >
      <Failed of={found} />
      <Failed of={told} />
      {figures.length > 1 && shown ? (
        <div className={styles.figures}>
          <SegmentedControl
            size="xs"
            aria-label="Figure"
            value={shown.name}
            onChange={choose}
            data={figures.map((one) => ({ value: one.name, label: `${figureWords(one.name)} · ${one.count}` }))}
          />
        </div>
      ) : null}
      {shown ? (
        <>
          <AnomalyChart key={shown.name} name={name} figure={shown.name} outliers={outliers} />
          <p className={`${styles.hint} quiet`}>The band is what was expected when the nearest of these was found.</p>
        </>
      ) : null}
      <FoundTable rows={rows.slice(0, MOST)} nowMs={found.dataUpdatedAt || Date.now()} />
    </Section>
  );
}
