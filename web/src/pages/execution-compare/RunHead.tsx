import { Link } from "@tanstack/react-router";
import { When } from "@/components/When";
import type { Schemas } from "@/data/client";
import { duration, plural } from "@/model/format";
import styles from "./CompareExecutionsPage.module.css";

type Run = Schemas["ComparedRun"];

/** One of the two. */
export function RunHead({ letter, run, other }: { readonly letter: string; readonly run: Run; readonly other: Run }) {
  const parts = [
    run.name && run.name !== run.agent ? run.name : "",
    run.duration_ns === null ? "goes on" : duration(run.duration_ns),
    plural(run.steps, "step"),
    run.forked_from === other.id ? `forked from ${letter === "A" ? "B" : "A"} after step ${run.forked_at_step}` : "",
  ].filter(Boolean);
  return (
    <header className={styles.run}>
      <h2 className="cut">
        <span className="quiet">{letter}</span>{" "}
        <Link to="/executions/$executionId" params={{ executionId: run.id }}>
          {run.agent || run.name || run.id}
        </Link>
      </h2>
      <span className="quiet">
        <When iso={run.start} nowMs={Date.now()} /> · {parts.join(" · ")}
      </span>
      <span className="quiet mono cut">{run.id}</span>
    </header>
  );
}
