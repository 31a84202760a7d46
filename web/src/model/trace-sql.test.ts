import { expect, it } from "vitest";
import { traceSql } from "./trace-sql";

it("asks for the spans of one trace within its time, and an id brings nothing else along", () => {
  const found = traceSql({ trace_id: "ab12' OR 1 --", start: "2026-01-01T00:00:10.123456789Z", duration_ns: 2.5e9 });
  expect(found.sql).toContain("unhex('ab121')");
  expect(found.from).toBe("2026-01-01T00:00:09.123Z");
  expect(found.to).toBe("2026-01-01T00:00:13.623Z");
});
