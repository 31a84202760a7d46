import { duration } from "@/model/format";
import { type Bar, heights } from "@/model/pulse";
import styles from "./Pulse.module.css";
import { useBarZoom } from "./useBarZoom";

interface Props {
  readonly label: string;
  /** The figure of the whole range, as text and in full. */
  readonly figure: string;
  readonly full: string;
  readonly bars: readonly Bar[];
  /** A CSS colour. */
  readonly colour: string;
  readonly format: (value: number) => string;
  /** The bar under the pointer, in all pulses of a strip; null: none. */
  readonly hovered: number | null;
  readonly onHover: (at: number | null) => void;
  readonly onZoom: (fromMs: number, toMs: number) => void;
}

const WIDTH = 1000;
const HEIGHT = 34;

/** One figure over time as bars: hover or arrows tell a bar, a drag zooms into what it covers. */
export function Pulse({ label, figure, full, bars, colour, format, hovered, onHover, onZoom }: Props) {
  const step = WIDTH / Math.max(1, bars.length);
  const { drag, props } = useBarZoom(bars.length, hovered, onHover, (from, to) => {
    const [first, last] = [bars[from], bars[to]];
    if (first && last) onZoom(first.fromMs, last.toMs);
  });
  const told = hovered === null ? undefined : bars[hovered];
  return (
    <section className={styles.pulse} aria-label={label}>
      <div className={styles.head}>
        <span className={`${styles.label} cut`}>{told ? `${clock(told)} · ${duration((told.toMs - told.fromMs) * 1e6)}` : label}</span>
        <span className={styles.figure} title={full}>
          {told ? format(told.value) : figure}
        </span>
      </div>
      <div
        className={styles.chart}
        role="slider"
        tabIndex={0}
        aria-label={`${label} over time: ${figure}. Arrows tell a bar, with Shift they take a range, Enter zooms into it.`}
        aria-valuemin={0}
        aria-valuemax={Math.max(0, bars.length - 1)}
        aria-valuenow={hovered ?? 0}
        aria-valuetext={told ? `${clock(told)}: ${format(told.value)}` : figure}
        {...props}
      >
        <svg viewBox={`0 0 ${WIDTH} ${HEIGHT}`} preserveAspectRatio="none" aria-hidden>
          <line className={styles.base} x1={0} x2={WIDTH} y1={HEIGHT - 0.5} y2={HEIGHT - 0.5} vectorEffect="non-scaling-stroke" />
          <g fill={colour}>
            {heights(bars).map((share, at) => (
              <rect
                key={bars[at]?.fromMs}
                x={at * step + step * 0.1}
                width={step * 0.8}
                y={HEIGHT - share * HEIGHT}
                height={share * HEIGHT}
                opacity={hovered === null || hovered === at ? 1 : 0.45}
              />
            ))}
          </g>
          {drag ? (
            <rect
              className={styles.drag}
              x={Math.min(...drag) * step}
              width={(Math.abs(drag[1] - drag[0]) + 1) * step}
              y={0}
              height={HEIGHT}
            />
          ) : null}
        </svg>
      </div>
    </section>
  );
}

function clock(bar: Bar): string {
  const at = new Date(bar.fromMs);
  const today = at.toDateString() === new Date().toDateString();
  const hours = at.toLocaleTimeString("en-US", { hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
  return today ? hours : `${at.toLocaleString("en-US", { month: "short", day: "numeric" })} ${hours}`;
}
