import type { TraceRows } from "@/model/trace-rows";

/** What every kind of row is given, beside what it tells. */
export interface RowOf {
  readonly project: string;
  readonly traceId: string;
  readonly trace: TraceRows;
  readonly folded: boolean;
  readonly bare: boolean;
  readonly onSelect: () => void;
  readonly onFold: (spanId: string) => void;
}
