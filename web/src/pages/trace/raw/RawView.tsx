import { useVirtualizer } from "@tanstack/react-virtual";
import { useRef } from "react";
import { Failed } from "@/components/Failed";
import { Skeleton } from "@/components/Skeleton";
import { useRaw } from "@/data/queries/raw";
import styles from "./RawView.module.css";

const LINE_PX = 18;

/** The trace as OTLP/JSON, as it would be sent again. */
export function RawView({ project, traceId }: { readonly project: string; readonly traceId: string }) {
  const scroller = useRef<HTMLDivElement>(null);
  const answer = useRaw(project, traceId);
  const lines = answer.data?.lines ?? [];
  const virtual = useVirtualizer({
    count: lines.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => LINE_PX,
    overscan: 30,
  });
  if (answer.error && !answer.data) return <Failed of={answer} />;
  if (answer.isPending) return <Skeleton rows={12} height={28} />;
  return (
    <>
      <Failed of={answer} />
      {answer.data.cut ? <p className={styles.note}>Only the beginning is shown. “Download OTLP JSON” has all of it.</p> : null}
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: long text scrolls, also by keyboard */}
      <section ref={scroller} className={`${styles.raw} mono`} tabIndex={0} aria-label="OTLP JSON">
        <div style={{ height: virtual.getTotalSize(), position: "relative" }}>
          {virtual.getVirtualItems().map((item) => (
            <div key={item.key} className={styles.line} style={{ transform: `translateY(${item.start}px)` }}>
              {lines[item.index]}
            </div>
          ))}
        </div>
      </section>
    </>
  );
}
