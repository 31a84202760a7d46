/** A tree beside bars in time, as one list: only lines in sight are drawn, all of one height, each placed by a transform. */
import { useVirtualizer } from "@tanstack/react-virtual";
import { type ReactNode, useEffect, useRef } from "react";
import styles from "./Tree.module.css";

interface Props {
  readonly label: string;
  /** Says the columns. */
  readonly className: string;
  /** One for each column. */
  readonly head: ReactNode;
  readonly count: number;
  /** Number of the chosen line, which is scrolled into sight; -1: none. */
  readonly place: number;
  /** Its id in the document. */
  readonly active: string | undefined;
  /** The line at a place, and how far down it stands. */
  readonly line: (place: number, top: number) => ReactNode;
}

const ROW_PX = 28;
const HEAD_PX = 30;
const OWN_SCROLLING = ["wheel", "touchstart", "pointerdown", "keydown"];

export function Tree({ label, className, head, count, place, active, line }: Props) {
  const scroller = useRef<HTMLDivElement>(null);
  const virtual = useVirtualizer({
    count,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW_PX,
    overscan: 8,
    useFlushSync: false, // a frame draws, or makes lines: both together take too long for one
    scrollPaddingEnd: HEAD_PX, // the heading stands before the lines: the last that is in sight ends this much above the lower edge
  });
  useEffect(() => {
    const list = scroller.current;
    if (place < 0 || !list) return;
    const show = () => virtual.scrollToIndex(place, { align: "auto" });
    show();
    // A wheel that was turned before a key chose the line may carry the list on, away from it: what is scrolled from here on stays where one scrolls to.
    const scrolling = new AbortController();
    list.addEventListener("scrollend", show, { signal: scrolling.signal });
    for (const own of OWN_SCROLLING) list.addEventListener(own, () => scrolling.abort(), { signal: scrolling.signal, passive: true });
    return () => scrolling.abort();
  }, [place, virtual]);
  return (
    <div
      ref={scroller}
      className={`${styles.tree} ${className}`}
      role="tree"
      aria-label={label}
      tabIndex={0}
      aria-activedescendant={place >= 0 ? active : undefined}
    >
      <div className={styles.head} aria-hidden>
        {head}
      </div>
      <div className={styles.body} role="none" style={{ height: virtual.getTotalSize() }}>
        {virtual.getVirtualItems().map((item) => line(item.index, item.start))}
      </div>
    </div>
  );
}
