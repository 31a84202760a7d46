/** The routing of alerts: its tree with one node changed, and in words. */

export interface RouteNode {
  readonly match?: readonly string[];
  readonly channels?: readonly string[];
  readonly group_by?: readonly string[];
  readonly group_wait_s?: number;
  readonly group_interval_s?: number;
  readonly repeat_interval_s?: number;
  readonly mute?: readonly string[];
  readonly active?: readonly string[];
  readonly escalation?: string;
  readonly resolved?: boolean;
  readonly continue?: boolean;
  readonly routes?: readonly RouteNode[];
}

/** The places of the children that lead to a node: none is the root. */
export type RoutePath = readonly number[];

/** The tree with what `change` makes of one node; null takes it out. */
export function changed(root: RouteNode, path: RoutePath, change: (node: RouteNode) => RouteNode | null): RouteNode {
  const [first, ...rest] = path;
  if (first === undefined) return change(root) ?? {};
  const routes = (root.routes ?? []).flatMap((child, at) => {
    if (at !== first) return [child];
    if (rest.length) return [changed(child, rest, change)];
    const made = change(child);
    return made ? [made] : [];
  });
  return { ...root, routes };
}

/** The tree with a node one place up or down among its siblings. */
export function moved(root: RouteNode, path: RoutePath, step: -1 | 1): RouteNode {
  const at = path.at(-1) ?? 0;
  return changed(root, path.slice(0, -1), (parent) => {
    const routes = [...(parent.routes ?? [])];
    const [one, other] = [routes[at], routes[at + step]];
    if (!one || !other) return parent;
    routes[at] = other;
    routes[at + step] = one;
    return { ...parent, routes };
  });
}

/** What a node says of its own, in short sentences. */
export function nodeWords(node: RouteNode): readonly string[] {
  return [
    node.group_by
      ? `told together by ${node.group_by.includes("...") ? "nothing: each alone" : node.group_by.join(", ") || "nothing: all together"}`
      : "",
    node.group_wait_s === undefined ? "" : `waits ${seconds(node.group_wait_s)} for more`,
    node.group_interval_s === undefined ? "" : `at most every ${seconds(node.group_interval_s)}`,
    node.repeat_interval_s === undefined ? "" : `again after ${seconds(node.repeat_interval_s)}`,
    node.escalation ? `escalates by ${node.escalation}` : "",
    node.mute?.length ? `not in ${node.mute.join(", ")}` : "",
    node.active?.length ? `only in ${node.active.join(", ")}` : "",
    node.resolved === undefined ? "" : node.resolved ? "tells the end, too" : "does not tell the end",
    node.continue ? "goes on to the next" : "",
  ].filter(Boolean);
}

/** `90 s`, `5 min`, `4 h`, `7 d`: the largest unit that tells it whole. */
export function seconds(value: number): string {
  for (const [size, unit] of [
    [86_400, "d"],
    [3600, "h"],
    [60, "min"],
  ] as const) {
    if (value >= size && value % size === 0) return `${value / size} ${unit}`;
  }
  return `${value} s`;
}
