import { Failed } from "@/components/Failed";
import { KindIcon } from "@/components/KindIcon";
import { AnyValue } from "@/components/Parts";
import { Status } from "@/components/Status";
import { useSpan } from "@/data/queries/span";
import { duration, fullDuration } from "@/model/format";
import { type StoryRow, type StorySpan, toolOf } from "@/model/transcript";
import { Failure } from "./Failure";
import type { RowOf } from "./row-of";
import styles from "./Transcript.module.css";
import { useRested } from "./useRested";

type ToolStory = StoryRow & { readonly type: "tool" };

/** A tool is used: what it was asked beside what it gave. */
export function ToolRow({ row, project, traceId, onSelect }: RowOf & { readonly row: ToolStory }) {
  const { span, call, result } = row;
  const failed = span?.status === "error" || result?.failed === true;
  return (
    <div className={styles.toolBox} data-failed={failed}>
      <div className={styles.head}>
        <KindIcon kind={span?.kind ?? "tool"} size={14} />
        <button type="button" className={`${styles.name} cut`} onClick={onSelect}>
          {call?.name || (span ? toolOf(span) : "tool")}
        </button>
        {failed || span?.pending ? <Status status="error" pending={span?.pending === true && !failed} /> : null}
        <span className={styles.figures}>
          {span ? <span title={fullDuration(span.duration_ns)}>{duration(span.duration_ns)}</span> : <span>no span of its own</span>}
        </span>
      </div>
      {span && !(call && result) ? (
        <FromSpan row={row} span={span} project={project} traceId={traceId} />
      ) : (
        <Beside asked={call?.value} gave={result ? result.value : undefined} told={result !== null} />
      )}
      {span && failed ? <Failure project={project} traceId={traceId} spanId={span.span_id} type={span.error_type} /> : null}
    </div>
  );
}

interface FromSpanProps {
  readonly row: ToolStory;
  readonly span: StorySpan;
  readonly project: string;
  readonly traceId: string;
}

/** What the conversation does not tell, the tool's span does, once the row stands still. */
function FromSpan(of: FromSpanProps) {
  const { call, result } = of.row;
  return useRested() ? <Whole {...of} /> : <Beside asked={call?.value} gave={result?.value} told={null} />;
}

function Whole({ row, span, project, traceId }: FromSpanProps) {
  const answer = useSpan({ project, traceId, spanId: span.span_id });
  const whole = answer.data;
  const unknown = answer.isPending || (answer.isError && !whole);
  const asked = row.call ? row.call.value : whole?.input;
  const gave = row.result ? row.result.value : whole?.output;
  return (
    <>
      {whole ? null : <Failed of={answer} />}
      <Beside asked={asked} gave={gave} told={row.result ? true : unknown ? null : gave !== undefined && gave !== ""} />
    </>
  );
}

interface BesideProps {
  readonly asked: unknown;
  readonly gave: unknown;
  /** Whether a result was recorded; null: not known yet. */
  readonly told: boolean | null;
}

function Beside({ asked, gave, told }: BesideProps) {
  return (
    <div className={styles.beside}>
      <section aria-label="Asked">{told === null && asked === undefined ? <Loading /> : <AnyValue value={asked} />}</section>
      <section aria-label="Result">
        {told ? <AnyValue value={gave} /> : told === null ? <Loading /> : <span className="quiet">no result was recorded</span>}
      </section>
    </div>
  );
}

const Loading = () => <span className="quiet">…</span>;
