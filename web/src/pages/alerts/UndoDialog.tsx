import { useScope } from "@/app/scope";
import { WordsDialog } from "@/components/WordsDialog";
import { type Action, useUndo } from "@/data/queries/policies";

const ABOUT: Readonly<Record<Action["kind"], string>> = {
  webhook: "The webhook is called again and told that it is resolved.",
  open_issue: "The issue is closed.",
  stop_run: "The stop is withdrawn, if the program of the run has not heard of it.",
  restart_runner: "The runner is not restarted.",
};

/** Asks who takes an action back, and why. */
export function UndoDialog({ action, onClose }: { readonly action: Action; readonly onClose: () => void }) {
  const { project } = useScope();
  const undo = useUndo(project, action.id);
  return (
    <WordsDialog
      title={`Undo the action of ${action.policy}`}
      about={action.state === "waiting" ? "It is not done." : ABOUT[action.kind]}
      button="Undo"
      busy={undo.isPending}
      error={undo.error}
      onSend={(who, note) => undo.mutate({ who, note }, { onSuccess: onClose })}
      onClose={onClose}
    />
  );
}
