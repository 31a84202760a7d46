import { Outlet } from "@tanstack/react-router";
import { Away } from "./Away";
import styles from "./Shell.module.css";
import { useRefreshing } from "./useRefreshing";
import { useTitle } from "./useTitle";

/** A page without chrome: the address is all there is to steer it. On a wall nobody is there to load it anew. */
export function Embed() {
  useTitle();
  useRefreshing();
  return (
    <main className={styles.embed}>
      <Away />
      <Outlet />
    </main>
  );
}
