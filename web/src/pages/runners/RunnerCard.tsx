import { Button } from "@mantine/core";
import type { ReactNode } from "react";
import cards from "@/components/Cards.module.css";
import { Health } from "@/components/Health";
import type { Runner } from "@/data/queries/runners";
import { visible } from "@/model/evidence-words";
import { ago, count, fullCount, plural, utc } from "@/model/format";
import { canStop, droppedWords, runnerStanding } from "@/model/runners";
import { settingText } from "@/model/settings";
import styles from "./RunnersPage.module.css";

interface Props {
  readonly runner: Runner;
  readonly nowMs: number;
  readonly busy: boolean;
  readonly onMove: (what: "start" | "stop") => void;
}

/** One runner: how it is doing, a button that starts or stops it, what is in its way, and what became of what it saw. */
export function RunnerCard({ runner, nowMs, busy, onMove }: Props) {
  const stop = canStop(runner.state);
  const dropped = droppedWords(runner.dropped);
  const settings = Object.entries(runner.settings);
  return (
    <li className={cards.card}>
      <div className={cards.top}>
        <h3 className={cards.name}>{visible(runner.id)}</h3>
        <span className="quiet">
          {[runner.kind === runner.id ? "" : runner.kind, runner.version, runner.origin === "built-in" ? "" : runner.origin]
            .filter(Boolean)
            .map(visible)
            .join(" · ")}
        </span>
        <Health {...runnerStanding(runner)} />
        <Button
          className={styles.move}
          variant="default"
          size="compact-sm"
          loading={busy}
          onClick={() => onMove(stop ? "stop" : "start")}
          aria-label={`${stop ? "Stop" : "Start"} ${runner.id}`}
        >
          {stop ? "Stop" : "Start"}
        </Button>
      </div>
      <p className={cards.about}>{visible(runner.description)}</p>
      {runner.problems.length ? (
        <ul className={styles.problems} aria-label={`In the way of ${runner.id}`}>
          {runner.problems.map((one) => (
            <li key={one}>{visible(one)}</li>
          ))}
        </ul>
      ) : null}
      {runner.last_error ? (
        <p className={cards.trouble}>
          Its last crash{runner.last_error_time ? `, ${ago(runner.last_error_time, nowMs)}` : ""}: {visible(runner.last_error)}
          {runner.crashes > 1 ? ` (${plural(runner.crashes, "crash", "crashes")} in all)` : ""}
        </p>
      ) : null}
      <dl className={cards.figures}>
        <One name="Seen" full={fullCount(runner.seen)}>
          {count(runner.seen)}
        </One>
        <One name="Kept" full={fullCount(runner.kept)}>
          {count(runner.kept)}
        </One>
        {dropped ? <One name="Not kept">{dropped}</One> : null}
        <One name="Last told" full={runner.last_told ? utc(runner.last_told) : undefined}>
          {runner.last_told ? ago(runner.last_told, nowMs) : "never"}
        </One>
        <One name="Since" full={utc(runner.since)}>
          {ago(runner.since, nowMs)}
        </One>
        {runner.next_start ? (
          <One name="Started again" full={utc(runner.next_start)}>
            {new Date(runner.next_start).toLocaleTimeString()}
          </One>
        ) : null}
        {runner.enabled ? null : <One name="With the server">does not start</One>}
      </dl>
      {settings.length ? (
        <details className={`${cards.more} ${styles.more}`}>
          <summary>Its settings</summary>
          <dl>
            {settings.map(([name, value]) => (
              <div key={name} className="mono">
                <dt>{visible(name)}</dt>
                <dd>{visible(settingText(value))}</dd>
              </div>
            ))}
          </dl>
        </details>
      ) : null}
    </li>
  );
}

function One({ name, full, children }: { readonly name: string; readonly full?: string | undefined; readonly children: ReactNode }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd className="numbers" title={full}>
        {children}
      </dd>
    </div>
  );
}
