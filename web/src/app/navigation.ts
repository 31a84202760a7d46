/**
 * The left navigation. A page is added to a group when it exists: one line here, one in app/routes.ts.
 * Order within the groups: Observe: Traces, Sessions, Live, Events, Metrics, Dashboards · Understand: Agents, Tools, Models, Compare, Evaluations, Registry, Evidence ·
 * Protect: Security, Alerts · System: Sources, Network, Scaling, SQL, Connect, API, Settings.
 */
import { IconApi, IconBinaryTree2, IconPlugConnected, type TablerIcon } from "@tabler/icons-react";
import type { LinkProps } from "@tanstack/react-router";

export interface NavigationItem {
  readonly to: NonNullable<LinkProps["to"]>;
  readonly label: string;
  readonly icon: TablerIcon;
  /** What opens it, as `g t`. */
  readonly keys: string;
}

export interface NavigationGroup {
  readonly label: string;
  readonly items: readonly NavigationItem[];
}

const ALL: readonly NavigationGroup[] = [
  {
    label: "Observe",
    items: [{ to: "/traces", label: "Traces", icon: IconBinaryTree2, keys: "g t" }],
  },
  {
    label: "Understand",
    items: [],
  },
  {
    label: "Protect",
    items: [],
  },
  {
    label: "System",
    items: [
      { to: "/start", label: "Connect", icon: IconPlugConnected, keys: "g c" },
      { to: "/docs", label: "API", icon: IconApi, keys: "g p" },
    ],
  },
];

export const NAVIGATION: readonly NavigationGroup[] = ALL.filter((group) => group.items.length > 0);
