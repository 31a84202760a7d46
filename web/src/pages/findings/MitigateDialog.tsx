import { useScope } from "@/app/scope";
import { WordsDialog } from "@/components/WordsDialog";
import { type FindingWish, useActOnFinding } from "@/data/queries/security";

interface Props {
  readonly fingerprint: string;
  readonly act: FindingWish["do"];
  readonly onClose: () => void;
}

const WORDS = {
  mitigate: {
    title: "Mitigate",
    about: "It no longer counts as a threat, until it is found again. Who said so and when is kept.",
    note: "What was done",
    button: "It is mitigated",
  },
  useful: {
    title: "Useful",
    about: "The rule tells it of this subject sooner, where it has a threshold. The budget of false alarms stays what it is.",
    note: "What it was good for",
    button: "It was useful",
  },
  noise: {
    title: "Noise",
    about: "The rule tells it of this subject only when it is rarer, where it has a threshold. The budget is spent on others.",
    note: "Why it is nothing",
    button: "It is noise",
  },
  none: {
    title: "Forget the verdict",
    about: "The rule has its usual threshold for this subject again.",
    note: "Why",
    button: "Forget it",
  },
  reopen: { title: "Take back", about: "It is open again, and counts as a threat.", note: "Why", button: "Take back" },
} as const;

/** Asks who did something about a finding or judges it, and why. */
export function MitigateDialog({ fingerprint, act, onClose }: Props) {
  const { project } = useScope();
  const change = useActOnFinding(project, fingerprint);
  return (
    <WordsDialog
      {...WORDS[act]}
      needs="who"
      busy={change.isPending}
      error={change.error}
      onSend={(who, note) => change.mutate({ do: act, who, note }, { onSuccess: onClose })}
      onClose={onClose}
    />
  );
}
