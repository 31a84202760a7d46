import { type PointerEvent, useState } from "react";
import { between, type Stretch } from "@/model/waterfall";
import { Ticks } from "./Ticks";
import styles from "./TimeAxis.module.css";

interface Props {
  readonly sight: Stretch;
  readonly end: number;
  readonly onSight: (sight: Stretch) => void;
}

/** The times above the bars; a drag zooms into what it covers. */
export function TimeAxis({ sight, end, onSight }: Props) {
  const [drag, setDrag] = useState<readonly [number, number] | null>(null);
  const shareAt = (event: PointerEvent<HTMLDivElement>) => {
    const box = event.currentTarget.getBoundingClientRect();
    return Math.min(1, Math.max(0, (event.clientX - box.left) / box.width));
  };
  const finish = () => {
    const next = drag ? between(sight, drag[0], drag[1], end) : null;
    setDrag(null);
    if (next) onSight(next);
  };
  return (
    <div
      className={styles.axis}
      title="Drag to zoom, 0 shows all"
      onPointerDown={(event) => {
        event.currentTarget.setPointerCapture(event.pointerId);
        setDrag([shareAt(event), shareAt(event)]);
      }}
      onPointerMove={(event) => (drag ? setDrag([drag[0], shareAt(event)]) : undefined)}
      onPointerUp={finish}
      onPointerCancel={() => setDrag(null)}
    >
      <Ticks sight={sight} />
      {drag ? (
        <span className={styles.drag} style={{ left: `${Math.min(...drag) * 100}%`, width: `${Math.abs(drag[1] - drag[0]) * 100}%` }} />
      ) : null}
    </div>
  );
}
