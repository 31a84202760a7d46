import { KindIcon } from "@/components/KindIcon";
import styles from "./WorkflowPage.module.css";

/** What a step is called, with what it is. */
export function StepName({ kind, name }: { readonly kind: string; readonly name: string }) {
  return (
    <span className={styles.step}>
      <KindIcon kind={kind} size={14} />
      <span className="cut" title={name}>
        {name}
      </span>
    </span>
  );
}
