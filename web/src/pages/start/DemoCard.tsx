/** The demo by one click: the server tells itself of some agents. Shows how far it is, and leads to what is worth looking at. */
import { Button, Loader } from "@mantine/core";
import { IconArrowRight, IconPlayerPlay, IconPlayerStop } from "@tabler/icons-react";
import { Link } from "@tanstack/react-router";
import { ButtonLink } from "@/components/ButtonLink";
import { Problem } from "@/components/Problem";
import { type DemoState, isTold, useChangeDemo, useDemo } from "@/data/queries/demo";
import { count, plural } from "@/model/format";
import styles from "./DemoCard.module.css";

/** Where the demo goes: beside the real data, never into it. */
const DEMO_PROJECT = "demo";

export function DemoCard() {
  const { data: demo } = useDemo();
  const { start, stop } = useChangeDemo();
  const told = isTold(demo);
  const error = start.error ?? stop.error;
  return (
    <>
      <div className={styles.box} role="status">
        {demo && demo.phase !== "none" ? <Told demo={demo} /> : <span className={styles.text}>It goes into a project of its own.</span>}
        {told ? (
          <Button variant="default" leftSection={<IconPlayerStop size={14} />} loading={stop.isPending} onClick={() => stop.mutate()}>
            Stop
          </Button>
        ) : (
          <Button leftSection={<IconPlayerPlay size={14} />} loading={start.isPending} onClick={() => start.mutate(DEMO_PROJECT)}>
            {demo?.phase === "none" || !demo ? "Start the demo" : "Tell it again"}
          </Button>
        )}
        {demo?.spans ? (
          <ButtonLink to="/traces" search={{ project: demo.project } as never} rightSection={<IconArrowRight size={14} />}>
            Look at it
          </ButtonLink>
        ) : null}
      </div>
      {error ? <Problem error={error} /> : null}
      {demo?.sights.length ? (
        <ul className={styles.sights} aria-label="Worth looking at">
          {demo.sights.map((sight) => (
            <li key={sight.trace_id}>
              <Link to="/traces/$traceId" params={{ traceId: sight.trace_id }} search={{ project: demo.project } as never}>
                {sight.what}
              </Link>
            </li>
          ))}
        </ul>
      ) : null}
    </>
  );
}

function Told({ demo }: { readonly demo: DemoState }) {
  const what = `${plural(demo.spans, "span")}, ${plural(demo.events, "event")}, ${plural(demo.points, "data point")}`;
  const phases: Record<DemoState["phase"], string> = {
    none: "",
    past: "Telling of the past hour …",
    live: "Live",
    ended: "Told",
    stopped: "Stopped",
    failed: "Failed",
  };
  return (
    <span className={styles.text}>
      {demo.phase === "past" ? <Loader size={14} aria-hidden /> : null}
      <span>
        <b>{phases[demo.phase]}</b>
        <span className="quiet">
          {demo.spans ? ` ${what}` : ""}
          {demo.rejected ? `, ${count(demo.rejected)} rejected` : ""} in project {demo.project}
          {demo.problem ? `: ${demo.problem}` : ""}
        </span>
      </span>
    </span>
  );
}
