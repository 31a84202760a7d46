import { duration } from "@/model/format";
import { type Mark, nsOf } from "@/model/moments";
import styles from "./Travel.module.css";

interface Props {
  readonly marks: readonly Mark[];
  readonly place: number;
  readonly startIso: string;
  readonly onGo: (place: number) => void;
}

const MOST_TICKS = 400;

/** A slider over the moments of a run: arrows go one further, Home and End to the begin and the end. Each moment takes the same room, however long it lasted. */
export function MomentSlider({ marks, place, startIso, onGo }: Props) {
  const mark = marks[place];
  const label = mark ? labelOf(mark, startIso) : "";
  const last = marks.length - 1;
  return (
    <div className={styles.slider}>
      <div className={styles.told}>
        <b>{mark?.label}</b>
        <span className="quiet numbers">{mark ? afterOf(mark, startIso) : ""}</span>
        <span className={`${styles.of} quiet numbers`}>
          moment {place + 1} of {marks.length}
        </span>
      </div>
      <input
        type="range"
        aria-label="Moment of the run"
        aria-valuetext={label}
        min={0}
        max={last}
        step={1}
        value={place}
        onChange={(event) => onGo(Number(event.currentTarget.value))}
        className={styles.range}
      />
      <div className={styles.ticks} aria-hidden>
        {marks.length <= MOST_TICKS
          ? marks.map((one, at) => (
              <span
                key={one.id}
                className={styles.tick}
                data-kind={one.kind}
                data-failed={one.failed}
                data-here={at === place}
                title={labelOf(one, startIso)}
                style={{ left: `${last ? (at / last) * 100 : 0}%` }}
              />
            ))
          : null}
      </div>
    </div>
  );
}

function afterOf(mark: Mark, startIso: string): string {
  if (mark.kind === "begin" || mark.ns === null) return "";
  return `+${duration(Math.max(0, Number(mark.ns - nsOf(startIso))))}`;
}

function labelOf(mark: Mark, startIso: string): string {
  return `${mark.label}${mark.failed ? ", failed" : ""} ${afterOf(mark, startIso)}`.trim();
}
