import { Outlet } from "@tanstack/react-router";
import styles from "./Shell.module.css";
import { useTitle } from "./useTitle";

/** A page without chrome: the address is all there is to steer it. */
export function Embed() {
  useTitle();
  return (
    <main className={styles.embed}>
      <Outlet />
    </main>
  );
}
