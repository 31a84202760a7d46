/**
 * The tools that a call or an agent was offered. In: attributes of a span, in any of the namings that frameworks use. Out: name, description and parameters of each.
 * A list under one name (JSON, or a list of JSON texts), or numbered names (`llm.tools.0.tool.json_schema`, `llm.request.functions.0.name`).
 */

export interface ToolDefinition {
  readonly name: string;
  readonly description: string;
  /** JSON schema, where one is told. */
  readonly parameters: unknown;
}

const LISTS = [
  "gen_ai.tool.definitions",
  "gen_ai.request.tools",
  "gen_ai.agent.tools",
  "ai.prompt.tools",
  "mlflow.chat.tools",
  "llm.openai.tools",
  "llm.anthropic.tools",
  "lk.function_tools",
  "sk.available_functions",
];
const NUMBERED = /^(?:llm\.tools|(?:llm|gen_ai)\.request\.functions)\.(\d+)\.(tool\.json_schema|name|description|parameters)$/;

type Raw = Readonly<Record<string, unknown>>;

export function toolDefinitions(attributes: Raw): readonly ToolDefinition[] {
  const told = LISTS.flatMap((name) => listOf(attributes[name]));
  const found = [...told, ...numbered(attributes)].flatMap((one) => {
    const tool = toolOf(one);
    return tool ? [tool] : [];
  });
  return [...new Map(found.map((tool) => [tool.name, tool])).values()];
}

function listOf(value: unknown): readonly unknown[] {
  const list = parsed(value);
  return Array.isArray(list)
    ? list.map(parsed)
    : typeof list === "string" && list
      ? list.split(/,\s*/)
      : isObject(list)
        ? Object.values(list)
        : [];
}

function numbered(attributes: Raw): readonly unknown[] {
  const found = new Map<number, Record<string, unknown>>();
  for (const [key, value] of Object.entries(attributes)) {
    const [, number, field] = NUMBERED.exec(key) ?? [];
    if (!number || !field) continue;
    const schema = field === "tool.json_schema" ? parsed(value) : { [field]: parsed(value) };
    found.set(Number(number), { ...found.get(Number(number)), ...(isObject(schema) ? schema : {}) });
  }
  return [...found].sort(([one], [other]) => one - other).map(([, tool]) => tool);
}

/** OpenAI wraps a tool in `function`; Anthropic calls its parameters `input_schema`, Bedrock `inputSchema`. */
function toolOf(raw: unknown): ToolDefinition | null {
  if (typeof raw === "string") return raw ? { name: raw, description: "", parameters: undefined } : null;
  if (!isObject(raw)) return null;
  const told = [raw["function"], raw["toolSpec"], raw["tool"]].find(isObject) ?? raw;
  const name = told["name"] ?? raw["title"];
  if (typeof name !== "string" || !name) return null;
  const description = typeof told["description"] === "string" ? told["description"] : "";
  return {
    name,
    description,
    parameters: told["parameters"] ?? told["input_schema"] ?? told["inputSchema"] ?? told["parametersJsonSchema"],
  };
}

function parsed(value: unknown): unknown {
  if (typeof value !== "string") return value;
  try {
    return JSON.parse(value);
  } catch {
    return value;
  }
}

function isObject(value: unknown): value is Raw {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
