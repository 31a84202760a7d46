import { duration } from "@/model/format";
import { type Stretch, ticks } from "@/model/waterfall";
import styles from "./TimeAxis.module.css";

const MOST_SHARE = 0.93; // further right there is no room for the time beside its tick
const LATE_SHARE = 0.8; // on a phone there is less

/** The times of an axis, each where it lies. */
export function Ticks({ sight }: { readonly sight: Stretch }) {
  return ticks(sight, 5)
    .map((at) => ({ at, share: (at - sight.from) / (sight.to - sight.from) }))
    .filter(({ share }) => share < MOST_SHARE)
    .map(({ at, share }) => (
      <span key={at} data-tick className={`${styles.tick} ${share > LATE_SHARE ? styles.late : ""}`} style={{ left: `${share * 100}%` }}>
        {duration(at)}
      </span>
    ));
}
