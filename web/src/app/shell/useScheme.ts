import { type MantineColorScheme, useMantineColorScheme } from "@mantine/core";

const ORDER: readonly MantineColorScheme[] = ["auto", "light", "dark"];
export const SCHEME_LABELS: Readonly<Record<MantineColorScheme, string>> = { auto: "System", light: "Light", dark: "Dark" };

/** The chosen colour scheme, and how to choose another; it is kept in this browser. */
export function useScheme() {
  const { colorScheme, setColorScheme } = useMantineColorScheme({ keepTransitions: true });
  const next = () => setColorScheme(ORDER[(ORDER.indexOf(colorScheme) + 1) % ORDER.length] ?? "auto");
  return { scheme: colorScheme, set: setColorScheme, next };
}
