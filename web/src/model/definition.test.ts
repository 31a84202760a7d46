import { expect, test } from "vitest";
import { definitionKey, differences, readAgentSearch, toolsText } from "./definition";

const FIND = { name: "find", description: "Finds.", parameters: { type: "object" } };
const ONE = { version: "1", prompt: "be brief", tools: [FIND] };

test("a definition has one key, whatever its tools are", () => {
  expect(definitionKey(ONE)).toBe(definitionKey({ ...ONE, tools: [] }));
  expect(definitionKey(ONE)).not.toBe(definitionKey({ ...ONE, version: "2" }));
  expect(readAgentSearch({ definition: definitionKey(ONE), against: {} })).toEqual({ definition: definitionKey(ONE) });
});

test("what differs is named", () => {
  expect(differences(ONE, ONE)).toEqual([]);
  expect(differences(ONE, { version: "2", prompt: "be kind", tools: [] })).toEqual(["version", "prompt", "tools"]);
});

test("tools are told as text", () => {
  expect(toolsText([FIND, { name: "end", description: "", parameters: null }])).toBe('find\nFinds.\n{\n  "type": "object"\n}\n\nend');
});
