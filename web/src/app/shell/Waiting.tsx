import { type QueryCache, useQueryClient } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { type Awaited, waitingWords } from "@/model/waiting";
import styles from "./Waiting.module.css";

const LOOK_MS = 1000;

/** That an answer takes long, and why: below the page, whose place for it still is a skeleton. */
export function Waiting() {
  const cache = useQueryClient().getQueryCache();
  const [words, tell] = useState("");
  useEffect(() => {
    let since: ReadonlyMap<string, number> = new Map();
    const timer = setInterval(() => {
      const nowMs = Date.now();
      const awaited = awaitedIn(cache, since, nowMs);
      since = new Map([...awaited].map(([key, one]) => [key, one.sinceMs]));
      tell(waitingWords([...awaited.values()], nowMs));
    }, LOOK_MS);
    return () => clearInterval(timer);
  }, [cache]);
  return (
    <div className={styles.waiting} role="status" hidden={!words}>
      {words}
    </div>
  );
}

/** The questions on the screen that have no answer yet, by their keys; `before`: since when they had none at the last look. */
function awaitedIn(cache: QueryCache, before: ReadonlyMap<string, number>, nowMs: number): ReadonlyMap<string, Awaited> {
  const open = cache.getAll().filter((one) => one.state.data === undefined && one.state.fetchStatus === "fetching" && one.isActive());
  return new Map(
    open.map(({ queryHash, state }) => [
      queryHash,
      { sinceMs: before.get(queryHash) ?? nowMs, failed: state.fetchFailureReason?.message ?? null },
    ]),
  );
}
