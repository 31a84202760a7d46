import { StateTree } from "@/components/StateTree";
import type { StateAt } from "@/data/queries/time-travel";
import { bytes, plural } from "@/model/format";
import type { Marks } from "@/model/state-marks";
import styles from "./Travel.module.css";

/** The state in the last snapshot until then, or why there is none. */
export function StateShown({ told, marks }: { readonly told: StateAt; readonly marks: Marks }) {
  const { snapshot } = told;
  if (told.problem)
    return (
      <p className="quiet">
        {told.problem === "none_before"
          ? "No snapshot was taken until then. The SDK takes them by itself after each step of an execution that is given its state, and of anything with snapshot()."
          : `There is no state: ${told.problem_detail}.`}
      </p>
    );
  const notes = snapshot
    ? [
        snapshot.name || (snapshot.step ? `after step ${snapshot.step}` : "before the first step"),
        bytes(snapshot.size_bytes),
        snapshot.cut ? "a part of it: it was too large" : "",
        snapshot.placeholders ? `${plural(snapshot.placeholders, "value")} could not be told` : "",
        snapshot.redacted ? "secrets were replaced" : "",
      ].filter(Boolean)
    : [];
  return (
    <>
      <p className={`${styles.note} quiet`}>Snapshot {notes.join(", ")}</p>
      <StateTree value={told.state} marks={marks} />
    </>
  );
}
