import { ActionIcon } from "@mantine/core";
import { IconPlayerSkipBack, IconPlayerTrackNext, IconPlayerTrackPrev, IconX } from "@tabler/icons-react";
import { memo, useMemo } from "react";
import { useKeys } from "@/app/keys";
import { plural } from "@/model/format";
import { isStep, type StoryRow, stepFrom } from "@/model/transcript";
import styles from "./Playhead.module.css";

interface Props {
  readonly rows: readonly StoryRow[];
  /** Row of the playhead; -1: it is not in use. */
  readonly at: number;
  readonly onStep: (row: number) => void;
  readonly onEnd: () => void;
}

/** Goes through the run step by step; what is still to come is dimmed. */
export const Playhead = memo(function Playhead({ rows, at, onStep, onEnd }: Props) {
  const steps = useMemo(() => rows.flatMap((row, index) => (isStep(row) ? [index] : [])), [rows]);
  const step = (by: 1 | -1) => onStep(stepFrom(rows, at, by));
  useKeys([
    { keys: "n", label: "Next step", group: "Transcript", run: () => step(1) },
    ...(at < 0 ? [] : [{ keys: "p", label: "Step before", group: "Transcript", run: () => step(-1) }]),
    ...(at < 0 ? [] : [{ keys: "Escape", label: "Leave the playhead", group: "Transcript", run: onEnd }]),
  ]);
  const place = steps.indexOf(at);
  return (
    <div className={styles.bar} role="toolbar" aria-label="Playhead">
      <ActionIcon onClick={() => onStep(steps[0] ?? 0)} aria-label="To the start">
        <IconPlayerSkipBack size={15} />
      </ActionIcon>
      <ActionIcon onClick={() => step(-1)} disabled={at < 0} aria-label="Step before (p)">
        <IconPlayerTrackPrev size={15} />
      </ActionIcon>
      <ActionIcon onClick={() => step(1)} aria-label="Next step (n)">
        <IconPlayerTrackNext size={15} />
      </ActionIcon>
      <input
        type="range"
        className={styles.range}
        min={0}
        max={Math.max(0, steps.length - 1)}
        value={Math.max(0, place)}
        onChange={(event) => onStep(steps[Number(event.currentTarget.value)] ?? 0)}
        aria-label="Step"
        aria-valuetext={place < 0 ? "not begun" : `step ${place + 1} of ${steps.length}`}
      />
      <span className={`${styles.count} numbers quiet`}>
        {place < 0 ? plural(steps.length, "step") : `${place + 1} of ${steps.length}`}
      </span>
      {at >= 0 ? (
        <ActionIcon onClick={onEnd} aria-label="Leave the playhead">
          <IconX size={14} />
        </ActionIcon>
      ) : null}
    </div>
  );
});
