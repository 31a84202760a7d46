import { useEffect, useState } from "react";
import { useScope } from "@/app/scope";
import { useNewFindings } from "@/data/queries/findings";
import styles from "./Navigation.module.css";

const LATER_MS = 3000; // the page that is looked at asks first

/** How many findings came since somebody looked; nothing where none did. */
export function NewCount({ folded }: { readonly folded: boolean }) {
  const { project } = useScope();
  const [wanted, setWanted] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setWanted(true), LATER_MS);
    return () => clearTimeout(timer);
  }, []);
  const count = useNewFindings(project, wanted);
  if (!count) return null;
  return folded ? (
    <span className={styles.folded} aria-hidden />
  ) : (
    <span className={styles.count} title={`${count} found since somebody looked`}>
      {count}
    </span>
  );
}
