import { useScope } from "@/app/scope";
import { useLater } from "@/components/useLater";
import { useFiring } from "@/data/queries/alerts";
import { useNewFindings } from "@/data/queries/findings";
import styles from "./Navigation.module.css";

interface Props {
  readonly of: "findings" | "alerts";
  readonly folded: boolean;
}

const LATER_MS = 3000; // the page that is looked at asks first
const TITLES = { findings: "found since somebody looked", alerts: "fire" } as const;

/** How many findings came since somebody looked, or how many alerts fire; nothing where there are none. */
export function NewCount({ of, folded }: Props) {
  const { project } = useScope();
  const wanted = useLater(LATER_MS);
  const found = useNewFindings(project, wanted && of === "findings");
  const firing = useFiring(project, wanted && of === "alerts");
  const count = of === "findings" ? found : firing;
  if (!count) return null;
  return folded ? (
    <span className={styles.folded} aria-hidden />
  ) : (
    <span className={styles.count} title={`${count} ${TITLES[of]}`}>
      {count}
    </span>
  );
}
