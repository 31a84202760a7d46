import { Button } from "@mantine/core";
import { useMediaQuery } from "@mantine/hooks";
import { Link } from "@tanstack/react-router";
import { Status } from "@/components/Status";
import { When } from "@/components/When";
import type { Trace } from "@/data/queries/traces";
import { change } from "@/model/compare";
import { count, duration, money } from "@/model/format";
import styles from "./ComparePage.module.css";

interface Props {
  readonly a: Trace;
  readonly b: Trace;
  readonly onSwap: () => void;
  readonly onAnother: () => void;
}

const FIGURES: readonly (readonly [string, (trace: Trace) => number, (value: number) => string])[] = [
  ["Duration", (trace) => trace.duration_ns, duration],
  ["Cost", (trace) => trace.cost_usd, money],
  ["Tokens in", (trace) => trace.input_tokens, count],
  ["Tokens out", (trace) => trace.output_tokens, count],
  ["Model calls", (trace) => trace.model_calls, count],
  ["Tool uses", (trace) => trace.tool_calls, count],
  ["Errors", (trace) => trace.errors, count],
];

/** What both traces are and came to, with the change from the first to the second. */
export function Figures({ a, b, onSwap, onAnother }: Props) {
  const narrow = useMediaQuery("(max-width: 760px)", window.innerWidth <= 760, { getInitialValueInEffect: false });
  return (
    <div className={styles.figures}>
      {narrow ? <Tall a={a} b={b} /> : <Wide a={a} b={b} />}
      <Button.Group>
        <Button variant="default" onClick={onSwap}>
          Swap
        </Button>
        <Button variant="default" onClick={onAnother}>
          Compare with another
        </Button>
      </Button.Group>
    </div>
  );
}

function Wide({ a, b }: Pick<Props, "a" | "b">) {
  return (
    <table>
      <thead>
        <tr>
          <td />
          {FIGURES.map(([label]) => (
            <th key={label} scope="col">
              {label}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {([a, b] as const).map((trace, at) => (
          <tr key={at === 0 ? "a" : "b"}>
            <th scope="row">
              <Which trace={trace} letter={at === 0 ? "A" : "B"} />
            </th>
            {FIGURES.map(([label, of, format]) => (
              <td key={label}>
                {format(of(trace))}
                {at === 1 ? <span className={styles.change}> {change(of(a), of(b))}</span> : null}
              </td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  );
}

/** Where there is no room: both traces, then a line for each figure. */
function Tall({ a, b }: Pick<Props, "a" | "b">) {
  return (
    <div className={styles.tall}>
      <Which trace={a} letter="A" />
      <Which trace={b} letter="B" />
      <table>
        <thead>
          <tr>
            <td />
            <th scope="col">A</th>
            <th scope="col">B</th>
            <td />
          </tr>
        </thead>
        <tbody>
          {FIGURES.map(([label, of, format]) => (
            <tr key={label}>
              <th scope="row">{label}</th>
              <td>{format(of(a))}</td>
              <td>{format(of(b))}</td>
              <td className={styles.change}>{change(of(a), of(b))}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Which({ trace, letter }: { readonly trace: Trace; readonly letter: string }) {
  return (
    <span className={styles.trace}>
      <b className={styles.letter}>{letter}</b>
      <Link to="/traces/$traceId" params={{ traceId: trace.trace_id }} className="cut">
        {trace.name || trace.trace_id.slice(0, 16)}
      </Link>
      <Status status={trace.status} pending={trace.pending > 0} quiet />
      <span className="quiet">
        <When iso={trace.start} nowMs={Date.now()} />
      </span>
    </span>
  );
}
