/** What the server goes and looks at by itself: how each runner is doing, what it cannot see and how to grant it, what it saw and kept. */
import { useState } from "react";
import { ButtonLink } from "@/components/ButtonLink";
import cards from "@/components/Cards.module.css";
import { Empty } from "@/components/Empty";
import { Failed } from "@/components/Failed";
import { Figure, Figures } from "@/components/Figure";
import { Page } from "@/components/Page";
import { Section } from "@/components/Section";
import { Skeleton } from "@/components/Skeleton";
import { SmallTable } from "@/components/SmallTable";
import { type Runners, type RunnerWish, useMoveRunner, useRunners } from "@/data/queries/runners";
import { visible } from "@/model/evidence-words";
import { count, fullCount } from "@/model/format";
import { RunnerCard } from "./RunnerCard";

export function RunnersPage() {
  const found = useRunners();
  const move = useMoveRunner();
  const [wish, setWish] = useState<RunnerWish | null>(null);
  const told = found.data;
  const run = (next: RunnerWish) => {
    setWish(next);
    move.mutate(next);
  };
  return (
    <Page>
      <Failed of={found} />
      {move.error && wish ? <Failed of={{ error: move.error, refetch: () => run(wish) }} /> : null}
      {told?.items.length ? <All told={told} /> : null}
      <Section title="Runners" note="counts since the server started">
        {found.isPending ? <Skeleton rows={4} height={72} /> : null}
        {told && !told.items.length ? (
          <Empty title="No runner" action={<ButtonLink to="/settings">The settings</ButtonLink>}>
            The settings leave out all of them: nothing is looked at but what agents send.
          </Empty>
        ) : null}
        {told?.broken.map((one) => (
          <p key={one.origin} className={cards.broken} role="alert">
            <b>{visible(one.origin)}</b> cannot be used: {visible(one.problem)}
          </p>
        ))}
        <ul className={cards.list}>
          {told?.items.map((one) => (
            <RunnerCard
              key={one.id}
              runner={one}
              nowMs={found.dataUpdatedAt}
              busy={move.isPending && wish?.id === one.id}
              onMove={(what) => run({ id: one.id, do: what })}
            />
          ))}
        </ul>
      </Section>
      <Section title="Kinds" note="that the settings may name">
        <SmallTable
          label="Kinds of runners"
          rows={told?.kinds ?? []}
          columns={[
            { id: "name", label: "Kind", cell: (one) => <span className="mono">{visible(one.name)}</span> },
            { id: "about", label: "What it looks at", wide: true, cell: (one) => visible(one.description) },
            { id: "version", label: "Version", cell: (one) => visible(one.version) },
            { id: "origin", label: "From", cell: (one) => visible(one.origin) },
          ]}
          keyOf={(one) => one.name}
          empty="None."
          loading={found.isPending}
        />
      </Section>
    </Page>
  );
}

/** How all of them are doing. */
function All({ told }: { readonly told: Runners }) {
  const sum = (of: (one: Runners["items"][number]) => number) => told.items.reduce((all, one) => all + of(one), 0);
  const running = sum((one) => Number(one.state === "running"));
  const wanted = sum((one) => Number(one.enabled));
  const blind = sum((one) => Number(one.state === "running" && one.level !== "full"));
  const dropped = sum((one) => Object.values(one.dropped).reduce((all, number) => all + number, 0));
  const seen = sum((one) => one.seen);
  return (
    <Figures label="All runners">
      <Figure label="Running" tone={running < wanted ? "warning" : undefined} note={`of ${told.items.length}`}>
        {running}
      </Figure>
      <Figure label="Cannot see everything" tone={blind ? "warning" : undefined}>
        {blind}
      </Figure>
      <Figure label="Seen" full={fullCount(seen)}>
        {count(seen)}
      </Figure>
      <Figure label="Kept" full={fullCount(sum((one) => one.kept))}>
        {count(sum((one) => one.kept))}
      </Figure>
      <Figure label="Not kept" full={fullCount(dropped)}>
        {count(dropped)}
      </Figure>
    </Figures>
  );
}
