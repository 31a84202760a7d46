import { useCallback, useState } from "react";
import { type Panel, panelsOf } from "@/model/dashboards";

export interface Draft {
  readonly name: string;
  readonly description: string;
  readonly panels: readonly Panel[];
  /** What was seen when changing began. */
  readonly version: number;
}

/** What is changed and not saved yet, of one dashboard. It stays in this tab, also over a reload: an address is too short for it. */
export function useDraft(project: string, id: string): readonly [Draft | null, (draft: Draft | null) => void] {
  const key = `spyglass-draft ${project} ${id}`;
  const [held, hold] = useState(() => ({ key, draft: read(key) }));
  if (held.key !== key) hold({ key, draft: read(key) }); // another dashboard on the same page
  const set = useCallback(
    (draft: Draft | null) => {
      hold({ key, draft });
      if (draft) sessionStorage.setItem(key, JSON.stringify(draft));
      else sessionStorage.removeItem(key);
    },
    [key],
  );
  return [held.key === key ? held.draft : null, set];
}

function read(key: string): Draft | null {
  try {
    const found: unknown = JSON.parse(sessionStorage.getItem(key) ?? "null");
    if (typeof found !== "object" || found === null) return null;
    const { name, description, panels, version } = found as Partial<Draft>;
    if (typeof name !== "string" || !Array.isArray(panels) || typeof version !== "number") return null;
    return { name, description: typeof description === "string" ? description : "", panels: panelsOf({ panels }), version };
  } catch {
    return null;
  }
}
