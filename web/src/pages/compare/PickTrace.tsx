import { Button, TextInput } from "@mantine/core";
import { type FormEvent, type RefObject, useEffect, useRef, useState } from "react";
import { useScope } from "@/app/scope";
import { Failed } from "@/components/Failed";
import { KindIcon } from "@/components/KindIcon";
import { Skeleton } from "@/components/Skeleton";
import { Status } from "@/components/Status";
import { useRowWalk } from "@/components/useRowWalk";
import { When } from "@/components/When";
import { useStorySpans } from "@/data/queries/story-spans";
import { useTraces } from "@/data/queries/traces";
import { readTrace } from "@/model/compare-search";
import { duration, money } from "@/model/format";
import styles from "./ComparePage.module.css";

interface Props {
  readonly title: string;
  /** The trace that stands already: those of its name come first. Null: none. */
  readonly beside: string | null;
  readonly onPick: (traceId: string) => void;
}

/** A trace out of the latest, or by its id or address. */
export function PickTrace({ title, beside, onPick }: Props) {
  const scope = useScope();
  const [text, setText] = useState("");
  const traces = useTraces(scope, "", {});
  const known = useStorySpans(scope.project, beside ?? "0".repeat(32), beside !== null).data?.pages[0]?.trace;
  const rows = (traces.data?.pages[0]?.items ?? []).filter((trace) => trace.trace_id !== beside);
  const sorted = known ? [...rows].sort((one, other) => Number(other.name === known.name) - Number(one.name === known.name)) : rows;
  const shown = sorted.slice(0, 50);
  const page = useRef<HTMLDivElement>(null);
  const walk = useRowWalk(page, shown.length, (at) =>
    page.current?.querySelector(`[data-row="${at}"]`)?.scrollIntoView({ block: "nearest" }),
  );
  useLostFocus(page, beside);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const found = readTrace(text);
    if (found) onPick(found);
  };
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: the keys walk the buttons inside, which are what has the focus
    <div className={styles.pick} ref={page} tabIndex={-1} onKeyDown={walk.onKeyDown}>
      <h2>{title}</h2>
      <form onSubmit={submit} className={styles.form}>
        <TextInput
          value={text}
          onChange={(event) => setText(event.currentTarget.value)}
          placeholder="Trace id, or the address of a trace"
          aria-label="Trace id or address"
          error={text && !readTrace(text) ? "A trace id has 32 hex digits" : null}
        />
        <Button type="submit" disabled={!readTrace(text)}>
          Choose
        </Button>
      </form>
      <Failed of={traces} />
      {traces.isPending ? <Skeleton rows={8} height={34} /> : null}
      <ul className={styles.choices} aria-label="Latest traces">
        {shown.map((trace, at) => (
          <li key={trace.trace_id}>
            <button
              type="button"
              data-row={at}
              tabIndex={at === walk.at ? 0 : -1}
              onFocus={() => walk.set(at)}
              onClick={() => onPick(trace.trace_id)}
            >
              <KindIcon kind={trace.kind} />
              <span className={styles.name}>{trace.name || trace.trace_id.slice(0, 16)}</span>
              <span className="quiet cut">{trace.input || trace.session_id || trace.agents.join(", ")}</span>
              <span className={styles.end}>
                <span>{money(trace.cost_usd)}</span>
                <span>{duration(trace.duration_ns)}</span>
                <When iso={trace.start} nowMs={Date.now()} />
                <Status status={trace.status} pending={trace.pending > 0} quiet />
              </span>
            </button>
          </li>
        ))}
      </ul>
    </div>
  );
}

/** What was pressed is gone once there is something else to choose: the keyboard goes on at the top of this. */
function useLostFocus(page: RefObject<HTMLElement | null>, choice: string | null): void {
  const before = useRef(choice);
  useEffect(() => {
    if (before.current !== choice && document.activeElement === document.body) page.current?.focus({ preventScroll: true });
    before.current = choice;
  }, [page, choice]);
}
