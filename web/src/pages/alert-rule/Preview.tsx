import { useScope } from "@/app/scope";
import { Failed } from "@/components/Failed";
import { Severity } from "@/components/Severity";
import { type SmallColumn, SmallTable } from "@/components/SmallTable";
import { When } from "@/components/When";
import { type Rehearsal, useRehearsal } from "@/data/queries/alerts";
import { visible } from "@/model/evidence-words";
import { count, duration, parseTime, plural } from "@/model/format";
import { bounds, rangeLabel } from "@/model/time-range";
import styles from "./RulePage.module.css";

type Episode = Rehearsal["episodes"][number];
const MOST = 50;

/** How often a rule would have fired in the time of the page. `rule` null: it is not whole. */
export function Preview({ rule }: { readonly rule: unknown }) {
  const scope = useScope();
  const found = useRehearsal(scope, rule);
  const told = rule === null ? undefined : found.data;
  return (
    <aside className={styles.preview} aria-label="On the past" aria-busy={found.isFetching}>
      <h3>On the past</h3>
      <p className="quiet">{rangeLabel(scope)}; nothing is kept, and nobody is told.</p>
      {rule === null ? <p className="quiet">As soon as the form is whole.</p> : <Failed of={found} />}
      {rule !== null && found.isPending ? <p className="quiet">It is tried…</p> : null}
      {told ? (
        <div style={{ opacity: found.isPlaceholderData ? 0.6 : 1 }}>
          <p className={styles.says} aria-live="polite">
            {capital(told.says)}
          </p>
          <p className="quiet">
            {plural(told.evaluations, "evaluation")}, every {duration(told.step_s * 1e9)}
          </p>
          <Strip episodes={told.episodes} {...bounds(scope, found.dataUpdatedAt)} />
          {told.episodes.length ? (
            <SmallTable
              label="Alerts that there would have been"
              rows={told.episodes.slice(-MOST).reverse()}
              columns={columns(found.dataUpdatedAt)}
              keyOf={(one) => `${one.fired} ${JSON.stringify(one.group)}`}
              empty=""
            />
          ) : null}
          {told.episodes.length > MOST ? (
            <p className="quiet">
              The latest {MOST} of {count(told.fired)}.
            </p>
          ) : null}
        </div>
      ) : null}
    </aside>
  );
}

interface StripProps {
  readonly episodes: readonly Episode[];
  readonly fromMs: number;
  readonly toMs: number;
}

/** When it would have fired, as marks along the time. */
function Strip({ episodes, fromMs, toMs }: StripProps) {
  if (!episodes.length) return null;
  const place = (ms: number) => Math.min(100, Math.max(0, ((ms - fromMs) / (toMs - fromMs)) * 100));
  return (
    <div className={styles.strip} role="img" aria-label={`${plural(episodes.length, "alert")} along the time`}>
      {episodes.map((one) => {
        const from = place(parseTime(one.fired));
        const to = one.resolved ? place(parseTime(one.resolved)) : 100;
        return (
          <span key={`${one.fired} ${JSON.stringify(one.group)}`} style={{ left: `${from}%`, width: `${Math.max(0.5, to - from)}%` }} />
        );
      })}
    </div>
  );
}

function columns(nowMs: number): readonly SmallColumn<Episode>[] {
  return [
    { id: "fired", label: "Fired", cell: (one) => <When iso={one.fired} nowMs={nowMs} /> },
    { id: "lasted", label: "Lasted", align: "right", cell: (one) => (one.resolved ? lasted(one.fired, one.resolved) : "goes on") },
    { id: "severity", label: "Severity", cell: (one) => <Severity severity={one.severity} /> },
    {
      id: "about",
      label: "About",
      wide: true,
      cell: (one) => {
        const about = Object.values(one.group).filter(Boolean).join(", ");
        return <span title={visible(`${about} ${one.summary}`)}>{visible(about || one.summary)}</span>;
      },
    },
  ];
}

function lasted(fired: string, resolved: string): string {
  return duration((parseTime(resolved) - parseTime(fired)) * 1e6);
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
