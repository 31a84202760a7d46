/** What a failed request says: our own problem+json, or that nobody answered. */
export interface ProblemBody {
  readonly code?: unknown;
  readonly detail?: unknown;
  readonly column?: unknown;
  readonly suggestion?: unknown;
  readonly line?: unknown;
}

export class ApiError extends Error {
  /** HTTP status; 0: no answer. */
  readonly status: number;
  /** Stable; docs/errors.md lists them. Ours: `unreachable`, `timeout`, `unreadable`. */
  readonly code: string;
  /** Where in the query text, from 1; null: not about a place. */
  readonly column: number | null;
  /** The line of `column`, from 1; null: the text has one line, or it is not about a place. */
  readonly line: number | null;
  /** What to write there instead; null: nobody knows. */
  readonly suggestion: string | null;
  /** How long the server wants to be left alone (ms); 0: it says nothing. */
  readonly restMs: number;

  constructor(
    status: number,
    code: string,
    detail: string,
    column: number | null = null,
    suggestion: string | null = null,
    line: number | null = null,
    restMs = 0,
  ) {
    super(detail);
    this.name = "ApiError";
    this.status = status;
    this.code = code;
    this.column = column;
    this.suggestion = suggestion;
    this.line = line;
    this.restMs = restMs;
  }

  /** Whether the same request may succeed later. */
  get passing(): boolean {
    const cut = this.code === "unreadable" && this.status < 300;
    return cut || this.status === 0 || this.status === 429 || this.status === 502 || this.status === 503 || this.status === 504;
  }
}

/** The error of an answer that is not good. */
export async function problemOf(answer: Response): Promise<ApiError> {
  const body: unknown = await answer.json().catch(() => null);
  const told: ProblemBody = typeof body === "object" && body !== null ? body : {};
  return new ApiError(
    answer.status,
    text(told.code) ?? "unreadable",
    text(told.detail) ?? `the server answered ${answer.status} ${answer.statusText}`.trim(),
    typeof told.column === "number" ? told.column : null,
    text(told.suggestion),
    typeof told.line === "number" ? told.line : null,
    restOf(answer.headers.get("retry-after")),
  );
}

/** Of a header `Retry-After` in seconds; a date says nothing, as clocks differ. */
function restOf(header: string | null): number {
  return header !== null && /^\d+$/.test(header) ? Number(header) * 1000 : 0;
}

/** Any thrown value as an ApiError, so that screens show one thing. */
export function asApiError(error: unknown): ApiError {
  if (error instanceof ApiError) return error;
  return new ApiError(0, "unexpected", error instanceof Error ? error.message : String(error));
}

function text(value: unknown): string | null {
  return typeof value === "string" && value ? value : null;
}
