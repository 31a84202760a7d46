import { Button } from "@mantine/core";
import { useState } from "react";
import { useScope } from "@/app/scope";
import { Failed } from "@/components/Failed";
import { Section } from "@/components/Section";
import { type Source, useSources } from "@/data/queries/system";
import { ago, count, fullCount, plural, utc } from "@/model/format";
import styles from "./SystemPage.module.css";

const FEW = 12;

/** What each source lacks or tells twice, those with hints first. */
export function Sources() {
  const [all, setAll] = useState(false);
  const sources = useSources(useScope());
  const rows = (sources.data?.items ?? []).toSorted((a, b) => weight(b) - weight(a));
  const hinted = rows.filter((row) => weight(row)).length;
  return (
    <Section title="Sources" note={rows.length ? `${plural(rows.length, "source")}, ${count(hinted)} with hints` : undefined}>
      <Failed of={sources} />
      {sources.isPending ? <p className="quiet">Loading…</p> : null}
      {sources.isSuccess && !rows.length ? <p className="quiet">Nothing came in this time.</p> : null}
      <div className={styles.sources}>
        {(all ? rows : rows.slice(0, FEW)).map((row) => (
          <SourceLine key={`${row.service} ${row.scope_name} ${row.scope_version}`} source={row} nowMs={sources.dataUpdatedAt} />
        ))}
      </div>
      {rows.length > FEW ? (
        <Button variant="default" mt={10} onClick={() => setAll(!all)}>
          {all ? "Fewer" : `All ${rows.length} sources`}
        </Button>
      ) : null}
    </Section>
  );
}

function SourceLine({ source, nowMs }: { readonly source: Source; readonly nowMs: number }) {
  const issues = issuesOf(source);
  return (
    <article className={styles.source}>
      <span className={styles.name}>
        <b>{source.service || "no service name"}</b>
        <span className="quiet">
          {source.scope_name} {source.scope_version} {source.sdk ? `· ${source.sdk}` : ""}
        </span>
      </span>
      <span className={styles.counts}>
        {source.spans ? <span title={fullCount(source.spans)}>{plural(source.spans, "span")}</span> : null}
        {source.events ? <span title={fullCount(source.events)}>{plural(source.events, "event")}</span> : null}
        {source.points ? <span title={fullCount(source.points)}>{plural(source.points, "point")}</span> : null}
        {source.model_spans ? <span title={fullCount(source.model_spans)}>{plural(source.model_spans, "model call")}</span> : null}
        <span title={utc(source.last_seen)}>{ago(source.last_seen, nowMs)}</span>
      </span>
      {source.hints.length || issues.length ? (
        <ul className={styles.hints}>
          {source.hints.map((hint) => (
            <li key={hint}>{hint}</li>
          ))}
          {issues.length ? <li>{issues.map(([issue, times]) => `${issue.replaceAll("_", " ")} ${count(times)}`).join(" · ")}</li> : null}
        </ul>
      ) : null}
    </article>
  );
}

/** What a span is, said while it was read: nothing is wrong with it. */
const NOTES = new Set(["handoff", "agent_as_tool"]);

function issuesOf(source: Source) {
  return Object.entries(source.issues).filter(([issue]) => !NOTES.has(issue));
}

function weight(source: Source): number {
  return source.hints.length + issuesOf(source).length;
}
