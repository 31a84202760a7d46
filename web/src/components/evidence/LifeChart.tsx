import { SORTS } from "@/model/evidence";
import type { Lane, Life } from "@/model/evidence-life";
import { because, commandOf, visible } from "@/model/evidence-words";
import { duration, fullCount } from "@/model/format";
import type { Stretch } from "@/model/waterfall";
import { Ticks } from "../tree/Ticks";
import { TimeBar } from "../tree/TimeBar";
import styles from "./Evidence.module.css";
import own from "./LifeChart.module.css";
import { Marks } from "./Marks";

interface Props {
  readonly life: Life;
  /** `s:` and a span, `p:` and a process, `c:` and a call. */
  readonly onOpen: (id: string) => void;
}

const ALL = new Set(SORTS);

/** The spans that a process belongs to, its own life with what it did, the processes it started and its model calls, on one axis. */
export function LifeChart({ life, onOpen }: Props) {
  const { sight } = life;
  return (
    <>
      <div className={own.axis} aria-hidden="true">
        <span className="cut">After the begin of the trace</span>
        <div className={own.ticks}>
          <Ticks sight={sight} />
        </div>
        <span className={own.took}>Took</span>
      </div>
      <ul className={own.life} aria-label="Life">
        {life.lanes.map((lane) => (
          <li key={lane.id} className={`${own.lane} ${lane.type === "process" && lane.own ? own.own : ""}`}>
            <button type="button" className={`${own.name} cut`} title={hintOf(lane)} onClick={() => onOpen(lane.id)}>
              {nameOf(lane)}
            </button>
            <Time lane={lane} sight={sight} />
            <span className={own.took}>{duration(tookOf(lane))}</span>
          </li>
        ))}
      </ul>
      {life.hidden ? <p className="quiet">and {fullCount(life.hidden)} more, which the evidence of the trace shows</p> : null}
    </>
  );
}

function Time({ lane, sight }: { readonly lane: Lane; readonly sight: Stretch }) {
  if (lane.type === "process") return <Marks process={lane.process} sight={sight} sorts={ALL} title={hintOf(lane)} />;
  const at = lane.type === "span" ? lane.at : lane.call.at;
  const colour = lane.type === "span" ? styles.told : lane.call.link ? styles.wireBar : styles.redBar;
  return <TimeBar at={at} took={tookOf(lane) ?? 0} sight={sight} title={hintOf(lane)} className={colour} />;
}

function nameOf(lane: Lane): string {
  if (lane.type === "span") return visible(lane.name) || "span without a name";
  return lane.type === "process" ? commandOf(lane.process.told) : `${visible(lane.call.model) || "model call"} on the wire`;
}

function hintOf(lane: Lane): string {
  const link = lane.type === "span" ? lane.cause.link : lane.type === "process" ? lane.process.told.link : lane.call.link;
  return `${nameOf(lane)}\n${because(link)}`;
}

function tookOf(lane: Lane): number | null {
  if (lane.type === "span") return lane.took;
  if (lane.type === "call") return lane.call.duration_ns;
  return lane.process.until === null ? null : lane.process.until - lane.process.at;
}
