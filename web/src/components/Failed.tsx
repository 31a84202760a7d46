import { Problem } from "./Problem";

interface Props {
  /** What was asked for. */
  readonly of: { readonly error: Error | null; readonly refetch: () => unknown };
}

/** That what was asked for could not be had, and a button which asks again; nothing where it could. What was had before may stay beside it. */
export function Failed({ of }: Props) {
  return of.error ? <Problem error={of.error} onRetry={() => void of.refetch()} /> : null;
}
