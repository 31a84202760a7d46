/** A trace as a question in SQL: its spans in order. The time range of the address bounds it, so that little is read. */
import { parseTime } from "./format";

interface Told {
  readonly trace_id: string;
  readonly start: string;
  readonly duration_ns: number;
}

export interface SqlLink {
  readonly sql: string;
  readonly from: string;
  readonly to: string;
}

export function traceSql({ trace_id, start, duration_ns }: Told): SqlLink {
  const begin = parseTime(start);
  const id = trace_id.replace(/[^0-9a-f]/gi, "");
  return {
    sql: `SELECT start, name, kind, status, duration_ns / 1e6 AS ms, agent, model, tool, input_tokens, output_tokens, cost_usd
FROM spans FINAL
WHERE trace_id = unhex('${id}')
  AND start >= {from:DateTime64(9)} AND start < {to:DateTime64(9)}
ORDER BY start
LIMIT 1000`,
    from: new Date(begin - 1000).toISOString(),
    to: new Date(begin + Math.ceil(duration_ns / 1e6) + 1000).toISOString(),
  };
}
