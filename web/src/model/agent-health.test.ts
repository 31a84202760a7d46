import { expect, test } from "vitest";
import { type AgentFigures, agentHealth, success } from "./agent-health";

const agent = (more: Partial<AgentFigures>): AgentFigures => ({
  runs: 100,
  failed_runs: 0,
  running: 0,
  model_calls: 0,
  model_errors: 0,
  tool_calls: 0,
  tool_errors: 0,
  ...more,
});

test("the worst is told, in words", () => {
  expect(agentHealth(agent({}))).toEqual({ state: "ok", words: "healthy" });
  expect(agentHealth(agent({ failed_runs: 30, tool_calls: 10, tool_errors: 9 })).words).toBe("30 of 100 runs failed");
  expect(agentHealth(agent({ tool_calls: 10, tool_errors: 3 })).state).toBe("warning");
  expect(agentHealth(agent({ model_calls: 2, model_errors: 1 })).state).toBe("ok");
  expect(agentHealth(agent({ runs: 0 })).state).toBe("unset");
});

test("success is of runs that ended", () => {
  expect(success(agent({ running: 50, failed_runs: 25 }))).toBe(0.5);
  expect(success(agent({ runs: 0 }))).toBeNull();
});
