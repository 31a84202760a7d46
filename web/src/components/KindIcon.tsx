import {
  IconArrowsSort,
  IconBox,
  IconBrain,
  IconDatabaseSearch,
  IconGauge,
  IconLink,
  IconMessageChatbot,
  IconPlug,
  IconPrompt,
  IconRobot,
  IconShieldCheck,
  IconSitemap,
  IconTool,
  IconVector,
  type TablerIcon,
} from "@tabler/icons-react";
import { kindOf, type SpanKind } from "@/model/colours";

const ICONS: Readonly<Record<SpanKind, TablerIcon>> = {
  llm: IconMessageChatbot,
  agent: IconRobot,
  tool: IconTool,
  mcp: IconPlug,
  retriever: IconDatabaseSearch,
  embedding: IconVector,
  reranker: IconArrowsSort,
  guardrail: IconShieldCheck,
  evaluator: IconGauge,
  memory: IconBrain,
  workflow: IconSitemap,
  prompt: IconPrompt,
  chain: IconLink,
  span: IconBox,
};

/** What a span does, as an icon in its colour; the same everywhere. */
export function KindIcon({ kind, size = 15 }: { readonly kind: string; readonly size?: number }) {
  const known = kindOf(kind);
  const Icon = ICONS[known];
  return (
    <span
      role="img"
      aria-label={kind || "span"}
      title={kind || "span"}
      style={{ display: "inline-flex", flex: "none", color: `var(--kind-${known})` }}
    >
      <Icon size={size} stroke={1.75} aria-hidden />
    </span>
  );
}
