import type { ChartData } from "@/model/chart";
import { chartMoment } from "@/model/format-chart";
import styles from "./TimeChart.module.css";

interface Props {
  readonly label: string;
  readonly data: ChartData;
  readonly format: (value: number) => string;
  readonly height: number | undefined;
}

/** A chart in numbers, latest first; buckets without anything are left out. */
export function ChartTable({ label, data, format, height }: Props) {
  const told = data.timesMs.map((ms, at) => ({ ms, at })).filter(({ at }) => data.lines.some((line) => line.values[at]));
  return (
    <section
      className={styles.numbers}
      style={height === undefined ? { flex: "1 1 0" } : { height }}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, also by keyboard
      tabIndex={0}
      aria-label={`${label} in numbers`}
    >
      <table>
        <thead>
          <tr>
            <th scope="col">Time</th>
            {data.lines.map((line) => (
              <th key={line.label} scope="col">
                {line.label}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {told.reverse().map(({ ms, at }) => (
            <tr key={ms}>
              <th scope="row">{chartMoment(ms)}</th>
              {data.lines.map((line) => (
                <td key={line.label}>{typeof line.values[at] === "number" ? format(line.values[at]) : "–"}</td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
