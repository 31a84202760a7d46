import styles from "./SpanPanel.module.css";

const LEAST_PX = 320;
const MOST_SHARE = 0.65;
const STEP_PX = 24;

/** The line between view and panel: drag it, or move it with the arrow keys. */
export function Resizer({ width, onWidth }: { readonly width: number; readonly onWidth: (width: number) => void }) {
  const most = Math.round(window.innerWidth * MOST_SHARE);
  const set = (wanted: number) => onWidth(Math.min(most, Math.max(LEAST_PX, wanted)));
  return (
    // biome-ignore lint/a11y/useSemanticElements: <hr> cannot be moved
    <div
      className={styles.resizer}
      role="separator"
      aria-orientation="vertical"
      aria-label="Width of the panel"
      aria-valuenow={width}
      aria-valuemin={LEAST_PX}
      aria-valuemax={most}
      tabIndex={0}
      onPointerDown={(event) => event.currentTarget.setPointerCapture(event.pointerId)}
      onPointerMove={(event) =>
        event.currentTarget.hasPointerCapture(event.pointerId) ? set(window.innerWidth - event.clientX) : undefined
      }
      onKeyDown={(event) => {
        if (event.key !== "ArrowLeft" && event.key !== "ArrowRight") return;
        event.preventDefault();
        set(width + (event.key === "ArrowLeft" ? STEP_PX : -STEP_PX));
      }}
    />
  );
}
