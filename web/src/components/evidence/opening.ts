/** What the parts of the panel of evidence can open, and what they need to name it. */
export interface Opening {
  readonly spanName: (spanId: string) => string;
  readonly onSpan: (spanId: string) => void;
  readonly onItem: (item: string) => void;
  /** Lists all actions of a process. */
  readonly onActions: (process: string) => void;
  readonly traceId: string;
}
