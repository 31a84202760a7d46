import { useVirtualizer } from "@tanstack/react-virtual";
import { useCallback, useEffect, useMemo, useRef, useState } from "react";
import { Skeleton } from "@/components/Skeleton";
import { useRowWalk } from "@/components/useRowWalk";
import type { useEvents } from "@/data/queries/events";
import { EventRow } from "./EventRow";
import styles from "./EventsPage.module.css";

const ROW_PX = 32;

/** Events of any number, latest first; only those in sight are drawn, and each opens where it stands. */
export function EventList({ events }: { readonly events: ReturnType<typeof useEvents> }) {
  const scroller = useRef<HTMLDivElement>(null);
  const [open, setOpen] = useState<ReadonlySet<string>>(new Set());
  const rows = useMemo(() => events.data?.pages.flatMap((page) => page.items) ?? [], [events.data]);
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW_PX,
    overscan: 12,
    getItemKey: (at) => rows[at]?.event_id ?? at,
  });
  const walk = useRowWalk(scroller, rows.length, (at) => virtual.scrollToIndex(at));
  const toggle = useCallback(
    (id: string) => setOpen((before) => new Set(before.has(id) ? [...before].filter((one) => one !== id) : [...before, id])),
    [],
  );
  const items = virtual.getVirtualItems();
  const last = items.at(-1)?.index ?? -1;
  const { hasNextPage, isFetchingNextPage, isError, fetchNextPage } = events;
  useEffect(() => {
    if (hasNextPage && !isFetchingNextPage && !isError && last >= rows.length - 20) void fetchNextPage();
  }, [hasNextPage, isFetchingNextPage, isError, fetchNextPage, last, rows.length]);
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: the keys walk the buttons inside, which are what has the focus
    <div ref={scroller} className={styles.list} onKeyDown={walk.onKeyDown} aria-busy={events.isPending || events.isPlaceholderData}>
      {events.isPending ? <Skeleton rows={16} height={ROW_PX} /> : null}
      <ul
        aria-label="Events"
        className={styles.rows}
        style={{ height: virtual.getTotalSize(), opacity: events.isPlaceholderData ? 0.6 : 1 }}
      >
        {items.map((item) => {
          const event = rows[item.index];
          if (!event) return null;
          return (
            <li
              key={item.key}
              ref={virtual.measureElement}
              data-index={item.index}
              className={styles.place}
              style={{ transform: `translateY(${item.start}px)` }}
            >
              <EventRow
                event={event}
                index={item.index}
                open={open.has(event.event_id)}
                reachable={item.index === walk.at}
                onToggle={() => toggle(event.event_id)}
                onFocus={() => walk.set(item.index)}
              />
            </li>
          );
        })}
      </ul>
      {isFetchingNextPage ? <p className={`${styles.more} quiet`}>Loading more…</p> : null}
    </div>
  );
}
