import list from "@/components/List.module.css";
import { None } from "@/components/None";
import type { Execution } from "@/data/queries/executions";
import { isGoing } from "@/model/execution";

/** What there is to say of an execution in one line: what it waits for, its last step while it goes on, why it failed, else what went in. */
export function Said({ run }: { readonly run: Execution }) {
  const failed = run.status === "failed" ? run.status_message || run.error_type : "";
  const going = isGoing(run.status) ? (run.waiting_for ? `for ${run.waiting_for}` : run.last_step) : "";
  const text = failed || going || run.input || run.output || run.last_step;
  if (!text) return <None />;
  return (
    <span className={`${failed ? list.failed : ""} cut`} title={text}>
      {text}
    </span>
  );
}
