import type { ReactNode } from "react";
import styles from "./Page.module.css";

/** A page of sections that scrolls as a whole. */
export function Page({ children }: { readonly children: ReactNode }) {
  return <div className={styles.page}>{children}</div>;
}

/** Charts beside each other, as many as fit. */
export function Charts({ children }: { readonly children: ReactNode }) {
  return <div className={styles.charts}>{children}</div>;
}
