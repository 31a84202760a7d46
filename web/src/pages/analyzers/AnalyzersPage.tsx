/** What looks for trouble: which analyzers run, what they saw and found, what they cost, and why one rests. */

import { ButtonLink } from "@/components/ButtonLink";
import cards from "@/components/Cards.module.css";
import { Empty } from "@/components/Empty";
import { Failed } from "@/components/Failed";
import { Figure, Figures } from "@/components/Figure";
import { Page } from "@/components/Page";
import { Section } from "@/components/Section";
import { Skeleton } from "@/components/Skeleton";
import { useNow } from "@/components/useNow";
import { type Analyzers, useAnalyzers, useChangeAnalyzer } from "@/data/queries/analyzers";
import { visible } from "@/model/evidence-words";
import { ago, count, fullCount, percent, utc } from "@/model/format";
import { AnalyzerCard } from "./AnalyzerCard";

export function AnalyzersPage() {
  const found = useAnalyzers();
  const change = useChangeAnalyzer();
  const told = found.data;
  const { mutate, variables, isPending } = change;
  return (
    <Page>
      <Failed of={found} />
      {change.error && variables ? <Failed of={{ error: change.error, refetch: () => mutate(variables) }} /> : null}
      {told ? <All told={told} nowMs={found.dataUpdatedAt} /> : null}
      <Section
        title="Analyzers"
        note="in the order in which they run; counts since the server started"
        actions={
          <ButtonLink variant="default" size="compact-sm" to="/findings">
            What they found
          </ButtonLink>
        }
      >
        {found.isPending ? <Skeleton rows={5} height={56} /> : null}
        {told && !told.items.length ? <Empty title="No analyzer">The settings leave out all of them.</Empty> : null}
        {told?.broken.map((one) => (
          <p key={one.origin} className={cards.broken} role="alert">
            <b>{visible(one.origin)}</b> cannot be used: {visible(one.problem)}
          </p>
        ))}
        <ul className={cards.list}>
          {told?.items.map((one) => (
            <AnalyzerCard
              key={one.name}
              analyzer={one}
              busy={isPending && variables?.name === one.name}
              onRun={(running) => mutate({ name: one.name, running })}
            />
          ))}
        </ul>
      </Section>
    </Page>
  );
}

/** How far all of them are. */
function All({ told, nowMs }: { readonly told: Analyzers; readonly nowMs: number }) {
  const now = useNow(true, nowMs);
  const running = told.items.filter((one) => one.running).length;
  const load = told.items.reduce((sum, one) => sum + one.load, 0);
  return (
    <Figures label="All analyzers">
      <Figure label="Running" tone={running < told.items.length ? "warning" : undefined} note={`of ${told.items.length}`}>
        {count(running)}
      </Figure>
      <Figure label="Have seen all until" full={told.until ? utc(told.until) : undefined}>
        {told.until ? ago(told.until, now) : "nothing yet"}
      </Figure>
      <Figure label="Batches waiting" full={fullCount(told.waiting_batches)}>
        {count(told.waiting_batches)}
      </Figure>
      <Figure
        label="Rows lost"
        tone={told.lost_rows ? "error" : undefined}
        full={`${fullCount(told.lost_rows)} rows that they were too slow for`}
      >
        {count(told.lost_rows)}
      </Figure>
      <Figure label="Load" full="of one core, lately">
        {percent(load)}
      </Figure>
    </Figures>
  );
}
