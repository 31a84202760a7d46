import { useNavigate } from "@tanstack/react-router";
import { type KeyBinding, useKeys } from "@/app/keys";
import { NAVIGATION } from "@/app/navigation";
import { useChangeShared } from "@/app/scope";
import { PRESETS } from "@/model/time-range";
import { useScheme } from "./useScheme";

interface Actions {
  readonly palette: () => void;
  readonly help: () => void;
  readonly fold: () => void;
  readonly refresh: () => void;
}

/** The keys that every page has. */
export function useShellKeys({ palette, help, fold, refresh }: Actions): void {
  const navigate = useNavigate();
  const change = useChangeShared();
  const scheme = useScheme();
  const pages: KeyBinding[] = NAVIGATION.flatMap((group) => group.items).map((item) => ({
    keys: item.keys,
    label: item.label,
    group: "Go to",
    run: () => void navigate({ to: item.to }),
  }));
  const ranges: KeyBinding[] = PRESETS.map((preset, at) => ({
    keys: `t ${at + 1}`,
    label: preset.label,
    group: "Time range",
    run: () => change.range({ from: preset.from, to: "now" }),
  }));
  const everywhere: KeyBinding[] = [
    { keys: "mod+k", label: "Find a page, an action, a trace", group: "Everywhere", run: palette },
    { keys: "?", label: "Show these keys", group: "Everywhere", run: help },
    { keys: "r", label: "Refresh", group: "Everywhere", run: refresh },
    { keys: "[", label: "Fold the navigation", group: "Everywhere", run: fold },
    { keys: "\\", label: "Light, dark, system", group: "Everywhere", run: scheme.next },
    ...pages,
    ...ranges,
  ];
  useKeys(everywhere, true);
}
