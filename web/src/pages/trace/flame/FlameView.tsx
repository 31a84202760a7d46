/** The flame graph on a canvas: hover tells, a click chooses, arrows walk, the wheel (with Ctrl) zooms. */
import { useComputedColorScheme } from "@mantine/core";
import { useElementSize, useMergedRef } from "@mantine/hooks";
import { type PointerEvent, useEffect, useMemo, useRef, useState } from "react";
import { useKeys } from "@/app/keys";
import { zoomKeys } from "@/components/tree/keys";
import { TimeAxis } from "@/components/tree/TimeAxis";
import { layFlame, rowAt, type Step, stepInFlame } from "@/model/flame";
import { count, duration, money, percent } from "@/model/format";
import type { TraceRows } from "@/model/trace-rows";
import type { Stretch } from "@/model/waterfall";
import { drawFlame, LANE_PX } from "./drawFlame";
import styles from "./FlameView.module.css";

interface Props {
  readonly trace: TraceRows;
  readonly selected: number;
  readonly inner: boolean;
  readonly found: ReadonlySet<number>;
  readonly sight: Stretch;
  readonly onSight: (sight: Stretch) => void;
  readonly onSelect: (row: number, walking: boolean) => void;
}

const GROUP = "Trace";

export function FlameView({ trace, selected, inner, found, sight, onSight, onSelect }: Props) {
  const flame = useMemo(() => layFlame(trace, (row) => inner || !trace.is(row, "plumbing")), [trace, inner]);
  const [hovered, setHovered] = useState<{ readonly row: number; readonly x: number; readonly y: number } | null>(null);
  const [scrolled, setScrolled] = useState(0);
  const scheme = useComputedColorScheme("light");
  const canvas = useRef<HTMLCanvasElement>(null);
  const scroller = useRef<HTMLDivElement>(null);
  const size = useElementSize();
  const over = hovered?.row ?? -1;
  // biome-ignore lint/correctness/useExhaustiveDependencies: the colours are those of the scheme
  useEffect(() => {
    if (!canvas.current || !size.width) return;
    const picture = { trace, flame, sight, top: scrolled, width: size.width, height: size.height, selected, hovered: over, found };
    const frame = requestAnimationFrame(() => canvas.current && drawFlame(canvas.current, picture));
    return () => cancelAnimationFrame(frame);
  }, [trace, flame, sight, scrolled, size.width, size.height, selected, over, found, scheme]);
  useEffect(() => {
    const lane = selected < 0 ? -1 : (flame.lane[selected] ?? -1);
    const box = scroller.current;
    if (lane < 0 || !box) return;
    if (lane * LANE_PX < box.scrollTop || (lane + 2) * LANE_PX > box.scrollTop + box.clientHeight) box.scrollTop = (lane - 3) * LANE_PX;
  }, [selected, flame]);
  const walk = (step: Step) => {
    const row = stepInFlame(flame, trace, selected, step);
    if (row >= 0) onSelect(row, true);
  };
  useKeys([
    { keys: "ArrowUp", label: "To the parent", group: GROUP, run: () => walk("up") },
    { keys: "ArrowDown", label: "To the longest child", group: GROUP, run: () => walk("down") },
    { keys: "ArrowLeft", label: "To the span before", group: GROUP, run: () => walk("left") },
    { keys: "ArrowRight", label: "To the span after", group: GROUP, run: () => walk("right") },
    ...zoomKeys({ group: GROUP, sight, end: trace.end, onSight }),
  ]);
  const rowUnder = (event: PointerEvent<HTMLElement> | React.MouseEvent<HTMLElement>) => {
    const box = event.currentTarget.getBoundingClientRect();
    const span = sight.to - sight.from;
    const at = sight.from + ((event.clientX - box.left) / box.width) * span;
    return rowAt(flame, trace, Math.floor((event.clientY - box.top) / LANE_PX), at, span / box.width);
  };
  const name = selected < 0 ? "no span is chosen" : `${trace.text(selected, "name")}, ${duration(trace.outline.duration_ns[selected])}`;
  return (
    <>
      <div className={styles.head}>
        <TimeAxis sight={sight} end={trace.end} onSight={onSight} />
      </div>
      <div
        ref={useMergedRef(scroller, size.ref)}
        className={styles.scroller}
        role="application"
        aria-label={`Flame graph: ${name}. Arrow keys walk.`}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: keys walk what is drawn
        tabIndex={0}
        onScroll={(event) => setScrolled(event.currentTarget.scrollTop)}
      >
        <canvas ref={canvas} className={styles.canvas} aria-hidden />
        <div
          className={styles.lanes}
          style={{ height: Math.max(flame.lanes * LANE_PX + 8, 1) }}
          onPointerMove={(event) => setHovered({ row: rowUnder(event), x: event.clientX, y: event.clientY })}
          onPointerLeave={() => setHovered(null)}
          onPointerDown={(event) => {
            const row = rowUnder(event);
            if (row >= 0) onSelect(row, false);
          }}
        />
        {hovered && over >= 0 ? <Tip trace={trace} row={over} x={hovered.x} y={hovered.y} /> : null}
      </div>
    </>
  );
}

function Tip({ trace, row, x, y }: { readonly trace: TraceRows; readonly row: number; readonly x: number; readonly y: number }) {
  const took = trace.outline.duration_ns[row] ?? 0;
  const own = trace.outline.self_ns[row] ?? 0;
  const sum = trace.sum(row);
  return (
    <div className={styles.tip} style={{ left: Math.min(x + 12, window.innerWidth - 300), top: y + 14 }}>
      <strong>{trace.text(row, "name")}</strong>
      <span>{`${duration(took)} · own ${duration(own)} (${percent(took ? own / took : 1)})`}</span>
      {sum.tokens ? <span>{`${count(sum.tokens)} tokens · ${money(sum.cost)} with all below`}</span> : null}
    </div>
  );
}
