import type { PointerEvent } from "react";
import { PANEL_PX } from "@/model/trace-search";
import styles from "./Side.module.css";

const MOST_SHARE = 0.65;
const STEP_PX = 24;

interface Props {
  readonly width: number;
  /** While it is dragged. */
  readonly onDrag: (width: number) => void;
  readonly onWidth: (width: number) => void;
}

/** The line between view and panel: drag it, or move it with the arrow keys. */
export function Resizer({ width, onDrag, onWidth }: Props) {
  const most = Math.max(PANEL_PX.least, Math.min(PANEL_PX.most, Math.round(window.innerWidth * MOST_SHARE)));
  const within = (wanted: number) => Math.round(Math.min(most, Math.max(PANEL_PX.least, wanted)));
  const at = (event: PointerEvent) => within(window.innerWidth - event.clientX);
  return (
    // biome-ignore lint/a11y/useSemanticElements: <hr> cannot be moved
    <div
      className={styles.resizer}
      role="separator"
      aria-orientation="vertical"
      aria-label="Width of the panel"
      aria-valuenow={width}
      aria-valuemin={PANEL_PX.least}
      aria-valuemax={most}
      tabIndex={0}
      onPointerDown={(event) => event.currentTarget.setPointerCapture(event.pointerId)}
      onPointerMove={(event) => (event.currentTarget.hasPointerCapture(event.pointerId) ? onDrag(at(event)) : undefined)}
      onPointerUp={(event) => onWidth(at(event))}
      onKeyDown={(event) => {
        if (event.key !== "ArrowLeft" && event.key !== "ArrowRight") return;
        event.preventDefault();
        onWidth(within(width + (event.key === "ArrowLeft" ? STEP_PX : -STEP_PX)));
      }}
    />
  );
}
