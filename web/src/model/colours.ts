/** The colours that mean something, for both schemes; app/theme.ts makes them CSS variables (`--kind-llm`, `--status-error`). All read well on every surface (tested). */

export interface Pair {
  readonly light: string;
  readonly dark: string;
}

export const SURFACES = {
  page: { light: "#fbfbfc", dark: "#101114" },
  panel: { light: "#ffffff", dark: "#16171b" },
  hover: { light: "#f3f4f6", dark: "#1e2026" },
} as const satisfies Record<string, Pair>;

export const TEXTS = {
  strong: { light: "#16181d", dark: "#f1f2f4" },
  normal: { light: "#33373f", dark: "#cfd2d8" },
  quiet: { light: "#626874", dark: "#979eab" },
} as const satisfies Record<string, Pair>;

export const ACCENT = { light: "#4f46e5", dark: "#9aa2ff" } as const satisfies Pair;

export const STATUSES = {
  error: { light: "#c8261b", dark: "#ff7d72" },
  warning: { light: "#a34a04", dark: "#f5ab5e" },
  ok: { light: "#0b7046", dark: "#55d394" },
  pending: { light: "#1568b8", dark: "#6cb6ff" },
  unset: { light: "#626874", dark: "#979eab" },
} as const satisfies Record<string, Pair>;

export const KINDS = {
  llm: { light: "#8b2fd6", dark: "#c894ff" },
  agent: { light: "#2459d6", dark: "#85adff" },
  tool: { light: "#0b736a", dark: "#4fd1c5" },
  mcp: { light: "#0c6d85", dark: "#58c7e2" },
  retriever: { light: "#4a720c", dark: "#a6d85e" },
  embedding: { light: "#b4185a", dark: "#f591bd" },
  reranker: { light: "#9c2a86", dark: "#ee94dc" },
  guardrail: { light: "#a04a08", dark: "#f2b05a" },
  evaluator: { light: "#846009", dark: "#e6c74c" },
  memory: { light: "#0768a3", dark: "#69bbf7" },
  workflow: { light: "#4a4fc4", dark: "#a5abff" },
  prompt: { light: "#76508f", dark: "#cba6e4" },
  chain: { light: "#596070", dark: "#a3aab8" },
  span: { light: "#596070", dark: "#a3aab8" },
} as const satisfies Record<string, Pair>;

export type SpanKind = keyof typeof KINDS;

/** The kind whose colour and icon a kind of the API takes. */
export function kindOf(kind: string): SpanKind {
  if (kind === "create_agent") return "agent";
  return kind in KINDS ? (kind as SpanKind) : "span";
}

/** Contrast of two `#rrggbb` colours by WCAG 2, 1 to 21. */
export function contrast(one: string, other: string): number {
  const [dark, light] = [luminance(one), luminance(other)].sort((a, b) => a - b) as [number, number];
  return (light + 0.05) / (dark + 0.05);
}

function luminance(colour: string): number {
  const [red, green, blue] = [1, 3, 5].map((at) => {
    const part = Number.parseInt(colour.slice(at, at + 2), 16) / 255;
    return part <= 0.040_45 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  }) as [number, number, number];
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}
