import { visible } from "@/model/evidence-words";
import styles from "./FlowPage.module.css";

interface Props {
  readonly steps: readonly string[];
  readonly cut: boolean;
  /** Place of the step that is marked; the step after the last one is the end. Left out: none. */
  readonly marked?: number;
}

const MOST = 40;

/** The steps of a way in their order; the same one in a row is told once, with how often. */
export function WayLine({ steps, cut, marked = -1 }: Props) {
  const told = together(steps);
  return (
    <span className={styles.way}>
      {told.slice(0, MOST).map(({ name, from, times }) => (
        <span key={from} className={styles.tool} data-marked={marked >= from && marked < from + times}>
          {visible(name)}
          {times > 1 ? <span className="quiet"> ×{times}</span> : null}
        </span>
      ))}
      {marked === steps.length && !cut ? (
        <span className={styles.tool} data-marked>
          end
        </span>
      ) : null}
      {cut || told.length > MOST ? <span className="quiet">…</span> : null}
    </span>
  );
}

function together(steps: readonly string[]): readonly { readonly name: string; readonly from: number; readonly times: number }[] {
  const found: { name: string; from: number; times: number }[] = [];
  steps.forEach((name, at) => {
    const last = found.at(-1);
    if (last?.name === name) last.times += 1;
    else found.push({ name, from: at, times: 1 });
  });
  return found;
}
