import { count, fullCount } from "@/model/format";
import styles from "./LivePage.module.css";
import type { Watching } from "./useTail";

const WHY: Readonly<Record<string, string>> = {
  rate: "more came than is sent to one page",
  slow: "this page did not take them in time",
  server: "the server could not look at them in time",
  expired: "they came while there was no connection",
};
const STATES: Readonly<Record<string, string>> = {
  connecting: "Connecting…",
  open: "Live",
  paused: "Live",
  waiting: "No connection, trying again",
  closed: "Closed",
};

/** Whether records come, how fast, and what is missing. */
export function TailState({ watching: { state, rate, tail, paused } }: { readonly watching: Watching }) {
  const lost = Object.entries(state.lost).filter(([, number]) => number !== 0);
  return (
    <div className={styles.state} role="status">
      <span className={styles.light} data-state={paused ? "paused" : state.status} aria-hidden />
      <span>{paused ? `Paused, ${fullCount(tail.held.length)} wait` : STATES[state.status]}</span>
      <span className="quiet numbers" aria-hidden>
        {count(Math.round(rate * 10) / 10)}/s
      </span>
      {tail.dropped ? <span className={styles.lost}>{fullCount(tail.dropped)} came while it was paused and are not kept here</span> : null}
      {lost.map(([reason, number]) => (
        <span key={reason} className={styles.lost} title={WHY[reason]}>
          {number === null ? "Some" : fullCount(number)} left out: {WHY[reason] ?? reason}
        </span>
      ))}
    </div>
  );
}
