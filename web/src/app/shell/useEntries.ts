import {
  IconBrightness,
  IconClock,
  IconKeyboard,
  IconLink,
  IconRefresh,
  IconRobot,
  IconSearch,
  type TablerIcon,
} from "@tabler/icons-react";
import { useNavigate, useRouter } from "@tanstack/react-router";
import { NAVIGATION } from "@/app/navigation";
import { useChangeShared, useScope } from "@/app/scope";
import { useAgents } from "@/data/queries/agents";
import { visible } from "@/model/evidence-words";
import { matching } from "@/model/matching";
import { quoteValue } from "@/model/search-edit";
import { PRESETS } from "@/model/time-range";
import { recentPages } from "./recent";
import { SCHEME_LABELS, useScheme } from "./useScheme";

export interface Entry {
  readonly id: string;
  readonly group: string;
  readonly label: string;
  readonly run: () => void;
  readonly icon?: TablerIcon;
  readonly keys?: string;
}

interface Actions {
  readonly onHelp: () => void;
  readonly onRefresh: () => void;
}

const MOST_AGENTS = 8;
const TRACE_ID = /^[0-9a-f]{32}$/i;

/** What the palette offers for a text: a trace by its id first, then pages, what was open lately, actions, agents, and last a search for it. */
export function useEntries(text: string, actions: Actions): readonly Entry[] {
  const navigate = useNavigate();
  const router = useRouter();
  const change = useChangeShared();
  const scheme = useScheme();
  const agents = useAgents(useScope());
  const asked = text.trim();
  const pages: Entry[] = NAVIGATION.flatMap((group) => group.items).map((item) => ({
    id: `page-${item.label}`,
    group: "Pages",
    label: item.label,
    icon: item.icon,
    keys: item.keys,
    run: () => void navigate({ to: item.to }),
  }));
  const search: Entry = {
    id: "search",
    group: "Traces",
    label: `Search traces for ${quoteValue(visible(asked))}`,
    icon: IconSearch,
    run: () => void navigate({ to: "/traces", search: { query: quoteValue(asked) } }),
  };
  const recent: Entry[] = recentPages().map((page, at) => ({
    id: `recent-${at}`,
    group: "Lately",
    label: page.title,
    run: () => router.history.push(page.href),
  }));
  const ranges: Entry[] = PRESETS.map((preset, at) => ({
    id: `range-${preset.short}`,
    group: "Time range",
    label: preset.label,
    icon: IconClock,
    keys: `t ${at + 1}`,
    run: () => change.range({ from: preset.from, to: "now" }),
  }));
  const others: Entry[] = [
    { id: "refresh", group: "Actions", label: "Refresh", icon: IconRefresh, keys: "r", run: actions.onRefresh },
    {
      id: "link",
      group: "Actions",
      label: "Copy the link to this page",
      icon: IconLink,
      run: () => void navigator.clipboard?.writeText(location.href),
    },
    { id: "keys", group: "Actions", label: "Show all keys", icon: IconKeyboard, keys: "?", run: actions.onHelp },
    ...(["light", "dark", "auto"] as const).map((one) => ({
      id: `scheme-${one}`,
      group: "Actions",
      label: `Colours: ${SCHEME_LABELS[one].toLowerCase()}`,
      icon: IconBrightness,
      run: () => scheme.set(one),
    })),
  ];
  // Agents are many: they are offered to those who look for one.
  const named: Entry[] = (asked ? (agents.data?.items ?? []) : []).map(({ agent }) => ({
    id: `agent-${agent}`,
    group: "Agents",
    label: visible(agent),
    icon: IconRobot,
    run: () => void navigate({ to: "/agents/$agent", params: { agent } }),
  }));
  const own = matching([...pages, ...recent, ...others, ...ranges], asked, (entry) => `${entry.label} ${entry.group}`);
  const found = [...own, ...matching(named, asked, (entry) => entry.label).slice(0, MOST_AGENTS)];
  if (!asked) return found;
  if (!TRACE_ID.test(asked)) return [...found, search];
  const traceId = asked.toLowerCase();
  const go: Entry = {
    id: "trace",
    group: "Trace",
    label: `Open trace ${traceId}`,
    run: () => void navigate({ to: "/traces/$traceId", params: { traceId } }),
  };
  return [go, ...found];
}
