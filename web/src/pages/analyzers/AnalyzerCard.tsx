import { Button, Switch } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import { type ReactNode, useState } from "react";
import cards from "@/components/Cards.module.css";
import { Health } from "@/components/Health";
import type { Analyzer } from "@/data/queries/analyzers";
import { settingsOf, standingOf } from "@/model/analyzers";
import { visible } from "@/model/evidence-words";
import { words } from "@/model/findings";
import { count, duration, fullCount, percent, utc } from "@/model/format";
import styles from "./AnalyzersPage.module.css";
import { SettingsDialog } from "./SettingsDialog";

interface Props {
  readonly analyzer: Analyzer;
  readonly busy: boolean;
  readonly onRun: (running: boolean) => void;
}

/** One analyzer: a switch, how it does, its figures; folded what it can find and its settings. */
export function AnalyzerCard({ analyzer, busy, onRun }: Props) {
  const { state, words: how } = standingOf(analyzer);
  return (
    <li className={cards.card}>
      <div className={cards.top}>
        <Switch
          size="sm"
          checked={analyzer.running}
          disabled={busy}
          aria-label={`${analyzer.name} runs`}
          onChange={(event) => onRun(event.currentTarget.checked)}
        />
        <h3 className={cards.name}>{analyzer.name}</h3>
        <span className="quiet numbers">{analyzer.version}</span>
        {analyzer.origin === "built-in" ? null : <span className="quiet">{visible(analyzer.origin)}</span>}
        <Health state={state} words={how} />
      </div>
      <p className={cards.about}>{analyzer.description}</p>
      {analyzer.resumes ? <p className={cards.about}>It runs again by itself at {utc(analyzer.resumes)}.</p> : null}
      {analyzer.problem ? <p className={cards.trouble}>Its latest failure: {visible(analyzer.problem)}</p> : null}
      <dl className={cards.figures}>
        <One name="Rows">
          <span title={fullCount(analyzer.rows)}>{count(analyzer.rows)}</span>
        </One>
        <One name="Findings">
          {analyzer.findings ? (
            <Link to="/findings" search={{ analyzer: analyzer.name } as never} title="What it found in the time of the page">
              {count(analyzer.findings)}
            </Link>
          ) : (
            "0"
          )}
        </One>
        {analyzer.old_rows ? <One name="Too old to be news">{count(analyzer.old_rows)}</One> : null}
        {analyzer.missed_rows ? (
          <One name="Missed" bad>
            <span title="rows that it was not shown, because it rested or was too slow">{count(analyzer.missed_rows)}</span>
          </One>
        ) : null}
        {analyzer.withheld ? <One name="Not told">{count(analyzer.withheld)}</One> : null}
        <One name="Failures" bad={analyzer.failures > 0}>
          <span title={fullCount(analyzer.failures)}>{count(analyzer.failures)}</span>
        </One>
        <One name="Load">
          <span title="of one core, lately">{percent(analyzer.load)}</span>
        </One>
        <One name="Time">
          <span title="of the processor, in all">{duration(analyzer.seconds * 1e9)}</span>
        </One>
        {analyzer.every_s ? <One name="Looks every">{duration(analyzer.every_s * 1e9)}</One> : null}
        <One name="Reads">{analyzer.reads.join(", ")}</One>
        {analyzer.makes.length ? <One name="Makes">{analyzer.makes.join(", ")}</One> : null}
      </dl>
      <More analyzer={analyzer} />
    </li>
  );
}

function One({ name, bad = false, children }: { readonly name: string; readonly bad?: boolean; readonly children: ReactNode }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd className="numbers" style={bad ? { color: "var(--status-error)" } : {}}>
        {children}
      </dd>
    </div>
  );
}

function More({ analyzer }: { readonly analyzer: Analyzer }) {
  const [setting, set] = useState(false);
  const settings = settingsOf(analyzer.settings, analyzer.values);
  if (!analyzer.rules.length && !settings.length) return null;
  return (
    <details className={`${cards.more} ${styles.more}`}>
      <summary>{analyzer.rules.length ? "What it can find, and its settings" : "Its settings"}</summary>
      {analyzer.rules.length ? <p>{analyzer.rules.map(words).join(" · ")}</p> : null}
      <dl>
        {settings.map((one) => (
          <div key={one.name}>
            <dt className="mono">
              {one.name} = {one.value}
              {one.usual ? <span className="quiet"> default {one.usual}</span> : null}
            </dt>
            <dd className="quiet">{one.about}</dd>
          </div>
        ))}
      </dl>
      {settings.length ? (
        <Button
          variant="default"
          size="compact-sm"
          justify="start"
          onClick={() => set(true)}
          aria-label={`Change the settings of ${analyzer.name}`}
        >
          Change
        </Button>
      ) : null}
      {setting ? <SettingsDialog analyzer={analyzer} onClose={() => set(false)} /> : null}
    </details>
  );
}
