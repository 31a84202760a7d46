import { memo, type PointerEvent } from "react";
import type { Process, Sort } from "@/model/evidence";
import { actionsNear, marksOf, PLACES } from "@/model/evidence-marks";
import { actionText } from "@/model/evidence-words";
import { barPlace, type Stretch } from "@/model/waterfall";
import tree from "../tree/Tree.module.css";
import styles from "./Evidence.module.css";

interface Props {
  readonly process: Process;
  readonly sight: Stretch;
  readonly sorts: ReadonlySet<Sort>;
  /** Told where no mark is near the pointer. */
  readonly title: string;
}

/** The life of a process as a bar, with what it did as marks on it: files below, hosts above, what nothing accounts for in red. */
export const Marks = memo(function Marks({ process, sight, sorts, title }: Props) {
  const place = barPlace(process.at, (process.until ?? Math.max(sight.to, process.at)) - process.at, sight);
  const marks = marksOf(process.actions, sight, sorts);
  const hover = (event: PointerEvent<HTMLDivElement>) => {
    const box = event.currentTarget.getBoundingClientRect();
    const near = actionsNear(process.actions, sight, sorts, (event.clientX - box.left) / box.width);
    event.currentTarget.title = near.length ? near.map(actionText).join("\n") : title; // thousands of marks, one title
  };
  return (
    <div className={tree.time} title={title} onPointerMove={hover}>
      {place ? (
        <div
          className={`${tree.bar} ${styles.process} ${process.until === null ? tree.open : ""}`}
          style={{ left: `${place.left * 100}%`, width: `${place.width * 100}%` }}
        />
      ) : null}
      {marks.files || marks.hosts || marks.unexplained ? (
        <svg className={styles.marks} viewBox={`0 0 ${PLACES} 12`} preserveAspectRatio="none" aria-hidden="true">
          <path className={styles.fileMark} d={marks.files} />
          <path className={styles.hostMark} d={marks.hosts} />
          <path className={styles.redMark} d={marks.unexplained} />
        </svg>
      ) : null}
    </div>
  );
});
