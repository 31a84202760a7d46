import { Drawer } from "@mantine/core";
import type { ReactNode } from "react";
import styles from "./FacetSide.module.css";
import { useFocusBack } from "./useFocusBack";

interface Props {
  readonly children: ReactNode;
  /** Over the page, as on a phone; closing it calls `onClose`. */
  readonly drawer: boolean;
  readonly onClose: () => void;
}

/** The place of facets: beside a list, or over it where there is no room. */
export function FacetSide({ children, drawer, onClose }: Props) {
  if (!drawer) {
    return (
      <aside className={styles.side} aria-label="Filters">
        {children}
      </aside>
    );
  }
  return <Over onClose={onClose}>{children}</Over>;
}

function Over({ children, onClose }: Omit<Props, "drawer">) {
  useFocusBack();
  const classNames = { header: styles.head ?? "", body: styles.inside ?? "" };
  return (
    <Drawer opened onClose={onClose} title="Filters" size={320} classNames={classNames} transitionProps={{ duration: 100 }}>
      {children}
    </Drawer>
  );
}
