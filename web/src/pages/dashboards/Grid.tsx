import { ActionIcon } from "@mantine/core";
import { IconPencil, IconTrash } from "@tabler/icons-react";
import { type CSSProperties, type KeyboardEvent, type PointerEvent, useRef } from "react";
import type { Panel } from "@/model/dashboards";
import { COLUMNS, put } from "@/model/grid";
import styles from "./Dashboard.module.css";
import { PanelMenu } from "./PanelMenu";
import { PanelView } from "./PanelView";

interface Props {
  readonly panels: readonly Panel[];
  /** Given while they may be changed. */
  readonly onChange?: ((panels: readonly Panel[]) => void) | undefined;
  readonly onEdit?: ((at: number) => void) | undefined;
}

const ROW_PX = 54; // with the gap
const ARROWS: Readonly<Record<string, readonly [number, number]>> = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, -1],
  ArrowDown: [0, 1],
};

/** Panels on twelve columns. A grip moves by mouse or arrows; with Shift, or by the corner, it resizes. */
export function Grid({ panels, onChange, onEdit }: Props) {
  const grid = useRef<HTMLDivElement>(null);
  const drag = useRef<{ at: number; x: number; y: number; from: Panel; resize: boolean } | null>(null);
  const shift = (at: number, dx: number, dy: number, resize: boolean, from = panels[at]) => {
    if (!from || !onChange) return;
    onChange(put(panels, at, resize ? { w: from.w + dx, h: from.h + dy } : { x: from.x + dx, y: from.y + dy }));
  };
  const grab = (at: number, resize: boolean) => (event: PointerEvent<HTMLElement>) => {
    const from = panels[at];
    if (!from) return;
    event.currentTarget.setPointerCapture(event.pointerId);
    drag.current = { at, x: event.clientX, y: event.clientY, from, resize };
  };
  const pull = (event: PointerEvent<HTMLElement>) => {
    const held = drag.current;
    if (!held || !grid.current) return;
    const dx = Math.round((event.clientX - held.x) / (grid.current.clientWidth / COLUMNS));
    const dy = Math.round((event.clientY - held.y) / ROW_PX);
    shift(held.at, dx, dy, held.resize, held.from);
  };
  const drop = () => {
    drag.current = null;
  };
  const walk = (at: number) => (event: KeyboardEvent) => {
    const step = ARROWS[event.key];
    if (!step) return;
    event.preventDefault();
    shift(at, step[0], step[1], event.shiftKey);
  };
  const moving = { onPointerMove: pull, onPointerUp: drop, onPointerCancel: drop };
  return (
    <div ref={grid} className={styles.grid}>
      {panels.map((panel, at) => (
        <section
          // biome-ignore lint/suspicious/noArrayIndexKey: panels have no other name, and keep their place in the list
          key={at}
          className={styles.panel}
          data-editing={onChange !== undefined}
          data-chart={panel.chart}
          aria-label={panel.title}
          style={
            { gridColumn: `${panel.x + 1} / span ${panel.w}`, gridRow: `${panel.y + 1} / span ${panel.h}`, "--h": panel.h } as CSSProperties
          }
        >
          {onChange ? (
            <div className={styles.title}>
              <button
                type="button"
                className={`${styles.grip} cut`}
                onPointerDown={grab(at, false)}
                {...moving}
                onKeyDown={walk(at)}
                aria-label={`Move ${panel.title}: arrows; with Shift they resize`}
              >
                {panel.title}
              </button>
              <ActionIcon size={22} onClick={() => onEdit?.(at)} aria-label={`Change ${panel.title}`}>
                <IconPencil size={14} />
              </ActionIcon>
              <ActionIcon
                size={22}
                onClick={() => onChange(panels.filter((_, place) => place !== at))}
                aria-label={`Remove ${panel.title}`}
              >
                <IconTrash size={14} />
              </ActionIcon>
            </div>
          ) : panel.chart === "number" || panel.chart === "table" ? (
            <div className={styles.title}>
              <span className="cut">{panel.title}</span>
              <span className={styles.share}>
                <PanelMenu panel={panel} />
              </span>
            </div>
          ) : null}
          <PanelView panel={panel} actions={onChange ? null : <PanelMenu panel={panel} />} />
          {onChange ? (
            <button
              type="button"
              tabIndex={-1}
              className={styles.handle}
              onPointerDown={grab(at, true)}
              {...moving}
              aria-label={`Resize ${panel.title}`}
            />
          ) : null}
        </section>
      ))}
    </div>
  );
}
