/** Navigation, header, the page, and what floats above them. */
import { Drawer } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { Outlet } from "@tanstack/react-router";
import { Suspense, useEffect, useRef } from "react";
import { lazyPart } from "@/app/lazy";
import { Away } from "./Away";
import { Header } from "./Header";
import { KeyPrompt } from "./KeyPrompt";
import { Navigation } from "./Navigation";
import styles from "./Shell.module.css";
import { useRefreshing } from "./useRefreshing";
import { useShellKeys } from "./useShellKeys";
import { useTitle } from "./useTitle";
import { Waiting } from "./Waiting";

const loadPalette = () => import("./Palette").then((module) => module.Palette);
const loadKeyHelp = () => import("./KeyHelp").then((module) => module.KeyHelp);
const Palette = lazyPart(loadPalette);
const KeyHelp = lazyPart(loadKeyHelp);
const IDLE_MS = 1000;

export function Shell() {
  const [folded, fold] = useDisclosure(false);
  const [drawer, drawers] = useDisclosure(false);
  const [palette, palettes] = useDisclosure(false);
  const [help, helps] = useDisclosure(false);
  const main = useRef<HTMLElement>(null);
  const refresh = useRefreshing();
  useTitle();
  useEffect(() => {
    // In good time: what is typed right after Ctrl-K shall not be lost to loading.
    const timer = setTimeout(() => void Promise.allSettled([loadPalette(), loadKeyHelp()]), IDLE_MS);
    return () => clearTimeout(timer);
  }, []);
  useShellKeys({ palette: palettes.toggle, help: helps.open, fold: fold.toggle, refresh });
  return (
    <div className={`${styles.shell} ${folded ? styles.folded : ""}`}>
      <button type="button" className={styles.skip} onClick={() => main.current?.focus()}>
        Skip to the page
      </button>
      <nav className={styles.nav} aria-label="Pages">
        <Navigation folded={folded} onFold={fold.toggle} onSearch={palettes.open} />
      </nav>
      <Header onMenu={drawers.open} onSearch={palettes.open} onHelp={helps.open} onRefresh={refresh} />
      <main className={styles.main} id="main" ref={main} tabIndex={-1}>
        <Away />
        <Outlet />
      </main>
      <Drawer
        opened={drawer}
        onClose={drawers.close}
        size={260}
        padding={0}
        withCloseButton={false}
        title="Pages"
        styles={{ header: { display: "none" } }}
      >
        <Navigation folded={false} onSearch={palettes.open} onChosen={drawers.close} />
      </Drawer>
      <Suspense>
        {palette ? <Palette onClose={palettes.close} onHelp={helps.open} onRefresh={refresh} /> : null}
        {help ? <KeyHelp onClose={helps.close} /> : null}
      </Suspense>
      <Waiting />
      <KeyPrompt />
    </div>
  );
}
