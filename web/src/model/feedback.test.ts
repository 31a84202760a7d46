import { describe, expect, it } from "vitest";
import { feedbackOf } from "./feedback";

const event = (attributes: Readonly<Record<string, unknown>>, error_type = "") =>
  feedbackOf({ event_id: "e", time: "2026-01-01T00:00:00Z", span_id: "0".repeat(16), error_type, attributes });

describe("feedback", () => {
  it("has label and score, and its reason", () => {
    const told = event({
      "gen_ai.evaluation.name": "Groundedness",
      "gen_ai.evaluation.score.value": 0.20000001,
      "gen_ai.evaluation.score.label": "fail",
      "gen_ai.evaluation.explanation": "by rule",
    });
    expect(told).toMatchObject({ name: "Groundedness", verdict: "fail · 0.2", why: "by rule", bad: true, spanId: null });
  });

  it("is said to be without a score, or to have failed itself", () => {
    expect(event({})).toMatchObject({ name: "evaluation", verdict: "no score", bad: false });
    expect(event({}, "TimeoutError")).toMatchObject({ verdict: "TimeoutError", bad: true });
  });
});
