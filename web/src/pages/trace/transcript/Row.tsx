import { type MouseEvent, memo, type Ref, useCallback } from "react";
import type { TraceRows } from "@/model/trace-rows";
import type { StoryRow } from "@/model/transcript";
import { AgentRow } from "./AgentRow";
import { CallRow } from "./CallRow";
import type { RowOf } from "./row-of";
import { SaidRow } from "./SaidRow";
import { StepRow } from "./StepRow";
import { ToolRow } from "./ToolRow";
import styles from "./Transcript.module.css";

interface Props {
  readonly ref: Ref<HTMLLIElement>;
  readonly at: number;
  readonly top: number;
  readonly row: StoryRow;
  readonly project: string;
  readonly traceId: string;
  readonly trace: TraceRows;
  readonly selected: boolean;
  /** The playhead is here. */
  readonly here: boolean;
  /** The playhead has not come here yet. */
  readonly later: boolean;
  readonly folded: boolean;
  /** Nothing is said in this trace: what went in and out is shown in place of it. */
  readonly bare: boolean;
  readonly onSelect: (spanId: string) => void;
  readonly onFold: (spanId: string) => void;
}

/** One row of the story at its place; a click anywhere on it selects its span. While the list scrolls, rows that stay are not drawn again, and those that move are only moved. */
export const Row = memo(function Row({ ref, at, top, row, selected, here, later, onSelect, ...of }: Props) {
  const select = useCallback(() => onSelect(row.spanId), [onSelect, row.spanId]);
  const click = (event: MouseEvent) => {
    const inside = event.target instanceof Element && event.target.closest("a, button, summary, input, pre");
    if (!inside && !window.getSelection()?.toString()) select();
  };
  const state = `${selected ? styles.selected : ""} ${here ? styles.here : ""} ${later ? styles.later : ""}`;
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: the row's button does the same by keyboard
    <li
      ref={ref}
      data-index={at}
      data-span={row.spanId}
      className={`${styles.row} ${styles[row.type]} ${state}`}
      style={{ top, ["--depth" as string]: Math.min(row.depth, 8) }}
      aria-current={here ? "step" : undefined}
      onClick={click}
    >
      <div className={styles.content}>
        <Content row={row} onSelect={select} {...of} />
      </div>
    </li>
  );
});

const Content = memo(function Content({ row, ...of }: RowOf & { readonly row: StoryRow }) {
  switch (row.type) {
    case "agent":
      return <AgentRow row={row} {...of} />;
    case "call":
      return <CallRow row={row} {...of} />;
    case "said":
      return <SaidRow row={row} onSelect={of.onSelect} />;
    case "tool":
      return <ToolRow row={row} {...of} />;
    case "step":
      return <StepRow row={row} {...of} />;
  }
});
