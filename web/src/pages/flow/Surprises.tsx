import { Link } from "@tanstack/react-router";
import { Section } from "@/components/Section";
import type { Flow } from "@/data/queries/flow";
import { visible } from "@/model/evidence-words";
import { ago, count, plural, utc } from "@/model/format";
import { edgeWords, oneIn } from "@/model/ways";
import styles from "./FlowPage.module.css";
import { WayLine } from "./WayLine";

/** Runs with a step that others hardly ever take: nothing is wrong with that by itself. */
export function Surprises({ flow }: { readonly flow: Flow }) {
  const nowMs = Date.now();
  return (
    <Section title="Surprising steps" note="how likely each step is, as all other runs have it; told where it is at most 1 in 20">
      {flow.surprises.length ? (
        <ol className={styles.surprises} aria-label="Surprising steps">
          {flow.surprises.map((way) => (
            <li key={way.trace_id}>
              <p>
                <b>{edgeWords(way)}</b>
                <span className={styles.rare}>{oneIn(way.chance)}</span>
                <span className="quiet">
                  {`others were ${way.from ? `at ${visible(way.from)}` : "at the begin"} ${count(way.seen)} times · ${plural(way.runs, "run")} · `}
                  <Link to="/traces/$traceId" params={{ traceId: way.trace_id }} title={utc(way.last_seen)}>
                    the latest {ago(way.last_seen, nowMs)}
                  </Link>
                </span>
              </p>
              <WayLine steps={way.steps} cut={way.cut} marked={way.at} />
            </li>
          ))}
        </ol>
      ) : (
        <p className="quiet">Every run went where others go.</p>
      )}
    </Section>
  );
}
