import { When } from "@/components/When";
import type { RecordFrame } from "@/data/live-frames";
import { duration, money } from "@/model/format";
import { State, What } from "./frameColumns";
import styles from "./LivePage.module.css";

/** A record in two lines, for narrow screens. */
export function FrameCard({ frame, nowMs }: { readonly frame: RecordFrame; readonly nowMs: number }) {
  return (
    <div className={styles.card}>
      <What frame={frame} />
      <span className={`${styles.line} quiet`}>
        {frame.type === "span" ? <State frame={frame} quiet /> : null}
        <span className="cut">{frame.agent || frame.service}</span>
        <span className={`${styles.end} numbers`}>
          {frame.cost_usd ? <span>{money(frame.cost_usd)}</span> : null}
          {frame.duration_ns && !frame.pending ? <span>{duration(frame.duration_ns)}</span> : null}
          <When iso={frame.time} nowMs={nowMs} />
        </span>
      </span>
    </div>
  );
}
