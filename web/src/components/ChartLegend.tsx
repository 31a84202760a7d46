import type { ChartData } from "@/model/chart";
import styles from "./TimeChart.module.css";

interface Props {
  readonly data: ChartData;
  readonly at: number | null;
  readonly hidden: ReadonlySet<string>;
  readonly format: (value: number) => string;
  readonly onToggle: (line: string) => void;
}

/** The lines of a chart with their value at the crosshair; a click hides one. */
export function ChartLegend({ data, at, hidden, format, onToggle }: Props) {
  return (
    <div className={styles.legend}>
      {data.lines.map((line) => {
        const value = at === null ? null : line.values[at];
        return (
          <button
            key={line.label}
            type="button"
            className={styles.item}
            aria-pressed={!hidden.has(line.label)}
            onClick={() => onToggle(line.label)}
            title={hidden.has(line.label) ? `Show ${line.label}` : `Hide ${line.label}`}
          >
            <span className={styles.swatch} style={{ background: line.colour }} aria-hidden />
            <span className="cut">{line.label}</span>
            {value === null || value === undefined ? null : <b className="numbers">{format(value)}</b>}
          </button>
        );
      })}
    </div>
  );
}
