/** What the address says of the SQL page: the text that was run, how its answer is shown, and which saved query it is. */
import { type RawSearch, readChoice, readText } from "./search-state";

export const SQL_CHARTS = ["table", "line", "bar"] as const;
export type SqlChart = (typeof SQL_CHARTS)[number];

export interface SqlSearch {
  readonly sql?: string | undefined;
  readonly chart?: SqlChart | undefined;
  readonly saved?: string | undefined;
}

export const FIRST_SQL = `SELECT toDateTime64(toStartOfHour(start), 0) AS hour, model, count() AS calls, round(sum(cost_usd), 4) AS usd
FROM calls
WHERE kind = 'llm' AND start >= {from:DateTime64(9)} AND start < {to:DateTime64(9)}
GROUP BY hour, model
ORDER BY hour, calls DESC
LIMIT 1000`;

export function readSqlSearch(raw: RawSearch): SqlSearch {
  const sql = readText(raw["sql"], 32_768);
  const chart = readChoice(raw["chart"], SQL_CHARTS);
  const saved = readText(raw["saved"], 32);
  return {
    ...(sql ? { sql } : {}),
    ...(chart && chart !== "table" ? { chart } : {}),
    ...(saved && /^[0-9a-f]+$/.test(saved) ? { saved } : {}),
  };
}
