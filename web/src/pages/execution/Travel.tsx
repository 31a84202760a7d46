/** Time travel: a slider over the run, its steps, and what it was like at the moment that is chosen. The moment stands in the address. */
import { useDebouncedCallback } from "@mantine/hooks";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { useEffect, useMemo, useState } from "react";
import { useKeys } from "@/app/keys";
import { useScope } from "@/app/scope";
import { Failed } from "@/components/Failed";
import { Section } from "@/components/Section";
import { Skeleton } from "@/components/Skeleton";
import { type ExecutionDetail, useExecutionSteps } from "@/data/queries/executions";
import { useSnapshots } from "@/data/queries/time-travel";
import { isGoing } from "@/model/execution";
import { plural } from "@/model/format";
import { LAST, marksOf, placeOf, readTravelSearch, type TravelSearch } from "@/model/moments";
import { Moment } from "./Moment";
import { MomentSlider } from "./MomentSlider";
import { Steps } from "./Steps";
import styles from "./Travel.module.css";

const SETTLED_MS = 150; // a drag passes many moments; only where it rests is asked for, and stands in the address

export function Travel({ run }: { readonly run: ExecutionDetail }) {
  const search = readTravelSearch(useSearch({ strict: false }));
  const { project } = useScope();
  const navigate = useNavigate();
  const following = isGoing(run.status);
  const steps = useExecutionSteps(project, run.id, following);
  const snapshots = useSnapshots(project, run.id, following);
  const items = steps.data?.items;
  const marks = useMemo(
    () => marksOf({ start: run.start, end: run.end ?? null }, items ?? [], snapshots.data?.items ?? []),
    [run.start, run.end, items, snapshots.data],
  );
  const place = placeOf(marks, search.at);
  const [moving, setMoving] = useState<number | null>(null);
  // biome-ignore lint/correctness/useExhaustiveDependencies: the address has moved on
  useEffect(() => setMoving(null), [search.at]);
  const change = (more: TravelSearch) =>
    void navigate({ to: ".", search: (before: object) => ({ ...before, ...more }) as never, replace: true, resetScroll: false });
  const settle = useDebouncedCallback((id: string) => {
    if ((search.at ?? LAST) === id) setMoving(null);
    change({ at: id === LAST ? undefined : id });
  }, SETTLED_MS);
  const go = (to: number) => {
    const next = Math.min(marks.length - 1, Math.max(0, to));
    setMoving(next);
    settle(marks[next]?.id ?? LAST);
  };
  const shown = moving === null ? place : Math.min(moving, marks.length - 1);
  useKeys([
    { keys: "j", label: "Next moment", group: "This page", run: () => go(shown + 1) },
    { keys: "k", label: "Moment before", group: "This page", run: () => go(shown - 1) },
  ]);
  const loaded = items !== undefined && snapshots.data !== undefined;
  const more = steps.data?.next_cursor || snapshots.data?.next_cursor;
  const note = [
    plural(items?.length ?? 0, "step"),
    plural(snapshots.data?.items.length ?? 0, "snapshot"),
    more ? "the first thousand of each" : "",
  ].filter(Boolean);
  return (
    <Section title="The run" note={loaded ? note.join(", ") : undefined}>
      <Failed of={steps} />
      <Failed of={snapshots} />
      {loaded ? (
        <>
          <MomentSlider marks={marks} place={shown} startIso={run.start} onGo={go} />
          <div className={styles.sides}>
            <Steps run={run} steps={items} marks={marks} place={shown} onGo={(id) => go(placeOf(marks, id))} />
            <Moment run={run} marks={marks} place={place} against={search.against} part={search.show ?? "state"} onChange={change} />
          </div>
        </>
      ) : steps.isError || snapshots.isError ? null : (
        <Skeleton rows={6} height={28} />
      )}
    </Section>
  );
}
