import { useFocusedKeys } from "@/app/keys";

const KEYS = {
  ArrowRight: "Next moment",
  ArrowLeft: "Moment before",
  Home: "First moment",
  End: "Last moment",
  "Shift+ArrowRight": "Mark from here on",
  "Shift+ArrowLeft": "Mark from here back",
  Enter: "Zoom to what is marked",
};

/** Lists what a chart over time hears while it has the focus. */
export function useChartKeys(): void {
  useFocusedKeys("Charts", KEYS);
}
