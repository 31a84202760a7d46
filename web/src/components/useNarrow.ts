import { useMediaQuery } from "@mantine/hooks";

const NARROW = "(max-width: 760px)";

/** Whether the window is as narrow as a phone's; right from the first drawing on. */
export function useNarrow(): boolean {
  return useMediaQuery(NARROW, window.matchMedia(NARROW).matches, { getInitialValueInEffect: false });
}
