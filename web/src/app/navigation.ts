/**
 * The left navigation. A page is added to a group when it exists: one line here, one in app/routes.ts.
 * Order within the groups: Observe: Traces, Sessions, Executions, Live, Events, Metrics, Dashboards · Understand: Agents, Flow, Tools, Models, Compare, Evaluations, Registry, Evidence ·
 * Protect: Findings, Analyzers, Security, Alerts · System: Sources, Network, Scaling, SQL, Connect, API, Settings.
 */
import {
  IconActivityHeartbeat,
  IconApi,
  IconArrowsDiff,
  IconBell,
  IconBinaryTree2,
  IconChartLine,
  IconCpu,
  IconDatabase,
  IconHeartbeat,
  IconLayoutDashboard,
  IconListDetails,
  IconMessages,
  IconMicroscope,
  IconPlayerPlay,
  IconPlugConnected,
  IconRobot,
  IconRoute,
  IconRun,
  IconSettings,
  IconShieldHalf,
  IconSitemap,
  IconStethoscope,
  IconTool,
  IconZoomExclamation,
  type TablerIcon,
} from "@tabler/icons-react";
import type { LinkProps } from "@tanstack/react-router";

export interface NavigationItem {
  readonly to: NonNullable<LinkProps["to"]>;
  readonly label: string;
  readonly icon: TablerIcon;
  /** What opens it, as `g t`. */
  readonly keys: string;
  /** Pages below it are others of the navigation. */
  readonly alone?: boolean;
  /** What is counted beside it. */
  readonly counts?: "findings" | "alerts";
}

export interface NavigationGroup {
  readonly label: string;
  readonly items: readonly NavigationItem[];
}

const ALL: readonly NavigationGroup[] = [
  {
    label: "Observe",
    items: [
      { to: "/traces", label: "Traces", icon: IconBinaryTree2, keys: "g t" },
      { to: "/sessions", label: "Sessions", icon: IconMessages, keys: "g s" },
      { to: "/executions", label: "Executions", icon: IconPlayerPlay, keys: "g r" },
      { to: "/live", label: "Live", icon: IconActivityHeartbeat, keys: "g l" },
      { to: "/logs", label: "Events", icon: IconListDetails, keys: "g e" },
      { to: "/explore/metrics", label: "Metrics", icon: IconChartLine, keys: "g x" },
      { to: "/dashboards", label: "Dashboards", icon: IconLayoutDashboard, keys: "g b" },
    ],
  },
  {
    label: "Understand",
    items: [
      { to: "/agents", label: "Agents", icon: IconRobot, keys: "g a" },
      { to: "/standing", label: "Health", icon: IconStethoscope, keys: "g h" },
      { to: "/workflows", label: "Workflows", icon: IconSitemap, keys: "g w" },
      { to: "/flow", label: "Flow", icon: IconRoute, keys: "g u" },
      { to: "/tools", label: "Tools", icon: IconTool, keys: "g o" },
      { to: "/models", label: "Models", icon: IconCpu, keys: "g m" },
      { to: "/compare", label: "Compare", icon: IconArrowsDiff, keys: "g d" },
    ],
  },
  {
    label: "Protect",
    items: [
      { to: "/findings", label: "Findings", icon: IconZoomExclamation, keys: "g f", counts: "findings" },
      { to: "/security", label: "Security", icon: IconShieldHalf, keys: "g i" },
      { to: "/alerts", label: "Alerts", icon: IconBell, keys: "g n", counts: "alerts" },
      { to: "/analyzers", label: "Analyzers", icon: IconMicroscope, keys: "g z" },
    ],
  },
  {
    label: "System",
    items: [
      { to: "/system", label: "Sources and store", icon: IconHeartbeat, keys: "g y", alone: true },
      { to: "/system/runners", label: "Runners", icon: IconRun, keys: "g k" },
      { to: "/sql", label: "SQL", icon: IconDatabase, keys: "g q" },
      { to: "/start", label: "Connect", icon: IconPlugConnected, keys: "g c" },
      { to: "/docs", label: "API", icon: IconApi, keys: "g p" },
      { to: "/settings", label: "Settings", icon: IconSettings, keys: "g ," },
    ],
  },
];

export const NAVIGATION: readonly NavigationGroup[] = ALL.filter((group) => group.items.length > 0);
