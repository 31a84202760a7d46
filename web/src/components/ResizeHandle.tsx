import { type KeyboardEvent, type PointerEvent, useEffect, useRef, useState } from "react";
import styles from "./DataTable.module.css";

interface Props {
  readonly label: string;
  /** The width while it is dragged; null: no longer. */
  readonly onSizing: (px: number | null) => void;
  readonly onSized: (px: number) => void;
}

const LEAST_PX = 40;
const MOST_PX = 2000;
const STEP_PX = 16;

/** The right edge of a column's head: drag it, or use the arrows. */
export function ResizeHandle({ label, onSizing, onSized }: Props) {
  const begun = useRef<{ readonly x: number; readonly px: number } | null>(null);
  const own = useRef<HTMLSpanElement>(null);
  const [px, setPx] = useState(LEAST_PX); // as it is drawn: who hears the page is told
  useEffect(() => {
    const head = own.current?.parentElement;
    if (!head) return;
    const watch = new ResizeObserver(() => setPx(Math.round(head.getBoundingClientRect().width)));
    watch.observe(head);
    return () => watch.disconnect();
  }, []);
  const width = (event: { readonly currentTarget: Element }) => event.currentTarget.parentElement?.getBoundingClientRect().width ?? 0;
  const now = (event: PointerEvent) => Math.max(LEAST_PX, Math.round((begun.current?.px ?? 0) + event.clientX - (begun.current?.x ?? 0)));
  const press = (event: KeyboardEvent) => {
    const step = { ArrowLeft: -STEP_PX, ArrowRight: STEP_PX }[event.key];
    if (!step) return;
    event.preventDefault();
    onSized(Math.max(LEAST_PX, Math.round(width(event)) + step));
  };
  return (
    // biome-ignore lint/a11y/useSemanticElements: a separator that is moved, which <hr> is not
    <span
      ref={own}
      role="separator"
      aria-orientation="vertical"
      aria-label={`Width of ${label}`}
      aria-valuenow={px}
      aria-valuemin={LEAST_PX}
      aria-valuemax={Math.max(MOST_PX, px)}
      aria-valuetext={`${px} pixels`}
      tabIndex={0}
      className={styles.handle}
      draggable
      onDragStart={(event) => {
        event.preventDefault(); // the head's own drag would move the column
        event.stopPropagation();
      }}
      onPointerDown={(event) => {
        begun.current = { x: event.clientX, px: width(event) };
        event.currentTarget.setPointerCapture(event.pointerId);
      }}
      onPointerMove={(event) => begun.current && onSizing(now(event))}
      onPointerUp={(event) => {
        if (!begun.current) return;
        const px = now(event);
        begun.current = null;
        onSizing(null);
        onSized(px);
      }}
      onPointerCancel={() => {
        begun.current = null;
        onSizing(null);
      }}
      onKeyDown={press}
    />
  );
}
