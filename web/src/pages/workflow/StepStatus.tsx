import { Health } from "@/components/Health";
import { type StepState, toneOfStep } from "@/model/flow-graph";

/** The state of a step, or of a run. */
export function StepStatus({ state }: { readonly state: StepState }) {
  return <Health state={toneOfStep(state)} words={state} />;
}
