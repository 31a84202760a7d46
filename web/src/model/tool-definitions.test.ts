import { describe, expect, it } from "vitest";
import { toolDefinitions } from "./tool-definitions";

const SCHEMA = { type: "object", properties: { q: { type: "string" } } };

describe("the tools that a call was offered", () => {
  it("are read from lists, wrapped or not, and from lists of JSON texts", () => {
    const wrapped = JSON.stringify([{ type: "function", function: { name: "search", description: "finds", parameters: SCHEMA } }]);
    expect(toolDefinitions({ "gen_ai.tool.definitions": wrapped })).toEqual([{ name: "search", description: "finds", parameters: SCHEMA }]);
    const texts = [JSON.stringify({ name: "fetch", inputSchema: SCHEMA })];
    expect(toolDefinitions({ "ai.prompt.tools": texts })).toEqual([{ name: "fetch", description: "", parameters: SCHEMA }]);
  });

  it("are read from numbered names, in order", () => {
    const told = toolDefinitions({
      "llm.tools.1.tool.json_schema": JSON.stringify({ name: "b", input_schema: SCHEMA }),
      "llm.tools.0.tool.json_schema": JSON.stringify({ type: "function", function: { name: "a" } }),
      "llm.request.functions.2.name": "c",
      "llm.request.functions.2.description": "third",
    });
    expect(told.map((tool) => [tool.name, tool.description])).toEqual([
      ["a", ""],
      ["b", ""],
      ["c", "third"],
    ]);
  });

  it("are none where nothing is told or it is broken", () => {
    expect(toolDefinitions({ "gen_ai.tool.definitions": "[{", other: 1 })).toEqual([
      { name: "[{", description: "", parameters: undefined },
    ]);
    expect(toolDefinitions({})).toEqual([]);
  });
});
