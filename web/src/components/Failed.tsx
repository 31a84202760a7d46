import { Problem } from "./Problem";

interface Asked {
  readonly error: Error | null;
  readonly refetch: () => unknown;
}

interface Props {
  /** What was asked for; of several questions of one part the first that failed tells for all. */
  readonly of: Asked | readonly Asked[];
}

/** That what was asked for could not be had, and a button which asks again; nothing where it could. What was had before may stay beside it. */
export function Failed({ of }: Props) {
  const failed = [of].flat().filter((one) => one.error !== null);
  const error = failed[0]?.error;
  return error ? <Problem error={error} onRetry={() => failed.forEach((one) => void one.refetch())} /> : null;
}
