import { Link } from "@tanstack/react-router";
import { useScope } from "@/app/scope";
import { Failed } from "@/components/Failed";
import { Health } from "@/components/Health";
import { Section } from "@/components/Section";
import { Severity } from "@/components/Severity";
import { type Loop, useLoops } from "@/data/queries/waste";
import { visible } from "@/model/evidence-words";
import { ago, count, fullMoney, money, plural, utc } from "@/model/format";
import { loopsInOrder, loopsNote, loopWord, roundWords, spentWords } from "@/model/waste";
import styles from "./Waste.module.css";

const MOST = 12;

/** Runs that go round in circles, those that go on first, with what they have spent; of one agent, or of all. */
export function Loops({ agent = "" }: { readonly agent?: string }) {
  const loops = useLoops(useScope(), agent);
  const rows = loopsInOrder(loops.data?.items ?? []);
  return (
    <Section title="Round in circles" note={loopsNote(rows) || undefined}>
      <Failed of={loops} />
      {rows.length ? (
        <ul className={styles.loops} aria-label="Runs that went round in circles">
          {rows.slice(0, MOST).map((one) => (
            <One key={one.fingerprint} loop={one} named={!agent} nowMs={loops.dataUpdatedAt} />
          ))}
        </ul>
      ) : loops.error ? null : (
        <p className="quiet">{loops.isPending ? "Loading…" : "No run went round in circles in this time."}</p>
      )}
      {rows.length > MOST ? <p className="quiet">{plural(rows.length - MOST, "earlier one")} stand among the findings.</p> : null}
    </Section>
  );
}

function One({ loop, named, nowMs }: { readonly loop: Loop; readonly named: boolean; readonly nowMs: number }) {
  return (
    <li className={styles.loop}>
      <span className={styles.state}>
        {loop.running ? <Health state="warning" words={`${loopWord(loop)}, now`} /> : <b>{loopWord(loop)}</b>}
        <Severity severity={loop.severity} />
      </span>
      <span className={styles.what}>
        <Link to="/findings" search={{ finding: loop.fingerprint } as never} title={visible(loop.title)}>
          {`${named && loop.agent ? `${visible(loop.agent).slice(0, 60)}: ` : ""}${roundWords(loop)}, ${plural(loop.rounds, "round")}`}
        </Link>
        <span className={styles.links}>
          {loop.execution ? (
            <Link to="/executions/$executionId" params={{ executionId: loop.execution }}>
              the execution
            </Link>
          ) : null}
          <Link to="/traces/$traceId" params={{ traceId: loop.trace_id }} search={{ span: loop.span_id } as never}>
            where it was seen
          </Link>
          <span className="quiet" title={`began ${utc(loop.began)}`}>{`told ${ago(loop.last_seen, nowMs)}`}</span>
        </span>
      </span>
      <span className={`${styles.spent} numbers`}>
        <b title={loop.cost_usd ? fullMoney(loop.cost_usd) : undefined}>{`${spentWords(loop)}${loop.running ? " so far" : ""}`}</b>
        <span className="quiet">
          {loop.spent_since_usd > 0 ? `${money(loop.spent_since_usd)} in circles` : `${count(loop.run_calls)} calls`}
        </span>
      </span>
    </li>
  );
}
