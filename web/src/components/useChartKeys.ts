import { useFocusedKeys } from "@/app/keys";

const WALK = {
  ArrowRight: "Next moment",
  ArrowLeft: "Moment before",
  Home: "First moment",
  End: "Last moment",
};
const ZOOM = {
  "Shift+ArrowRight": "Mark from here on",
  "Shift+ArrowLeft": "Mark from here back",
  Enter: "Zoom to what is marked",
};
const NONE = {};

/** Lists what a chart over time hears while it has the focus. `walks`: there is something in it; `zooms`: a range of it can be chosen. */
export function useChartKeys(walks: boolean, zooms: boolean): void {
  useFocusedKeys("Charts", walks ? (zooms ? { ...WALK, ...ZOOM } : WALK) : NONE);
}
