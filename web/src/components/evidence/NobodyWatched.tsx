import { Empty } from "@/components/Empty";
import { Snippet } from "@/components/Snippet";

/** Where no runner was looking while the trace ran. */
export function NobodyWatched() {
  return (
    <Empty title="Nobody was watching" action={<Snippet code="spyglass watch -- COMMAND" label="command" />}>
      While this trace ran, nothing looked at the machine, so its processes, files and connections are not known. Start the agent like this,
      with its own command line at the end, and what it does stands here beside what it tells.
    </Empty>
  );
}
