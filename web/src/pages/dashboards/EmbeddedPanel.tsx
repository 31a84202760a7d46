import { useSearch } from "@tanstack/react-router";
import { useNamed } from "@/app/title";
import { panelOf, readPanelSearch } from "@/model/panel-search";
import styles from "./Dashboard.module.css";
import { PanelView } from "./PanelView";

/** One panel without chrome, told whole by the address: to be shared, or looked at in a frame. */
export function EmbeddedPanel() {
  const panel = panelOf(readPanelSearch(useSearch({ strict: false })));
  useNamed(panel.title);
  return (
    <section className={styles.alone} aria-label={panel.title}>
      {panel.chart === "number" || panel.chart === "table" ? <div className={`${styles.title} cut`}>{panel.title}</div> : null}
      <PanelView panel={panel} />
    </section>
  );
}
