/** What was said of a run afterwards. In: an event `gen_ai.evaluation.result`. Out: its name, score, label and reason as they are shown. */
import { parseTime } from "./format";

export const EVALUATION = "gen_ai.evaluation.result";

export interface Feedback {
  readonly id: string;
  readonly name: string;
  /** `fail`, or `0.92`, or both. */
  readonly verdict: string;
  readonly why: string;
  readonly bad: boolean;
  readonly atMs: number;
  /** What it was said of; null: the trace as a whole. */
  readonly spanId: string | null;
}

interface Told {
  readonly event_id: string;
  readonly time: string;
  readonly span_id?: string | null;
  readonly error_type: string;
  readonly attributes: Readonly<Record<string, unknown>>;
}

const BAD = /^(?:fail(?:ed)?|bad|incorrect|wrong|negative|dislike|thumbs[ _-]?down|no|false|unsafe|ungrounded)$/i;

export function feedbackOf(event: Told): Feedback {
  const told = (name: string) => event.attributes[`gen_ai.evaluation.${name}`];
  const label = textOf(told("score.label"));
  const score = told("score.value");
  const figure = typeof score === "number" ? String(Number(score.toPrecision(3))) : textOf(score);
  return {
    id: event.event_id,
    name: textOf(told("name")) || "evaluation",
    verdict: [label, figure].filter(Boolean).join(" · ") || event.error_type || "no score",
    why: textOf(told("explanation")),
    bad: BAD.test(label) || event.error_type !== "",
    atMs: parseTime(event.time),
    spanId: event.span_id && !/^0+$/.test(event.span_id) ? event.span_id : null,
  };
}

function textOf(value: unknown): string {
  return value === undefined || value === null ? "" : typeof value === "string" ? value : JSON.stringify(value);
}
