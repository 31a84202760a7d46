import { Button } from "@mantine/core";
import { useScope } from "@/app/scope";
import { Failed } from "@/components/Failed";
import { Skeleton } from "@/components/Skeleton";
import { useVersionDiff, type VersionDiff } from "@/data/queries/registry";
import { plural } from "@/model/format";
import { folded } from "@/model/line-diff";
import { brief } from "@/model/state-marks";
import styles from "./Registry.module.css";

interface Props {
  readonly name: string;
  readonly from: number;
  readonly to: number;
  readonly onEnd: () => void;
}

type Change = VersionDiff["settings"][number];

/** What differs between two versions: prompt by line, tools, model, settings. */
export function VersionDifference({ name, from, to, onEnd }: Props) {
  const { project } = useScope();
  const found = useVersionDiff(project, name, from, to);
  const diff = found.data;
  return (
    <section className={styles.diff} aria-label={`Version ${from} and version ${to}`}>
      <header>
        <b>
          Version {from} → {to}
        </b>
        <Button size="compact-xs" variant="default" onClick={onEnd}>
          Close
        </Button>
      </header>
      <Failed of={found} />
      {diff ? <Shown diff={diff} /> : found.error ? null : <Skeleton rows={3} height={20} />}
    </section>
  );
}

function Shown({ diff }: { readonly diff: VersionDiff }) {
  if (diff.same) return <p className="quiet">Nothing that was seen of them differs.</p>;
  return (
    <>
      {diff.model ? <Changes title="Model" changes={[diff.model]} /> : null}
      {diff.prompt.length ? (
        <div>
          <h3>System prompt</h3>
          <ol className={`${styles.lines} mono`} aria-label="Lines of the system prompt">
            {folded(diff.prompt).map((line, at) =>
              "left" in line ? (
                // biome-ignore lint/suspicious/noArrayIndexKey: lines never change places
                <li key={at} className="quiet">
                  … {plural(line.left, "line")} that both have
                </li>
              ) : (
                // biome-ignore lint/suspicious/noArrayIndexKey: lines never change places
                <li key={at} data-kind={line.kind}>
                  <span aria-hidden>{SIGNS[line.kind]}</span>
                  {line.kind === "same" ? null : <span className="hidden">{line.kind}: </span>}
                  {line.text || " "}
                </li>
              ),
            )}
          </ol>
        </div>
      ) : null}
      {diff.tools.length ? (
        <div>
          <h3>Tools</h3>
          {diff.tools.map((tool) => (
            <div key={tool.name} className={styles.tool}>
              <p data-kind={tool.kind}>
                <b className="mono">{tool.name}</b> {tool.kind}
              </p>
              {tool.changes.length ? <Lines changes={tool.changes} /> : null}
            </div>
          ))}
        </div>
      ) : null}
      {diff.settings.length ? <Changes title="Settings" changes={diff.settings} /> : null}
    </>
  );
}

const SIGNS = { same: " ", added: "+", removed: "−" } as const;

function Changes({ title, changes }: { readonly title: string; readonly changes: readonly Change[] }) {
  return (
    <div>
      <h3>{title}</h3>
      <Lines changes={changes} />
    </div>
  );
}

function Lines({ changes }: { readonly changes: readonly Change[] }) {
  return (
    <ul className={styles.changes}>
      {changes.map((change) => (
        <li key={change.path}>
          <span className="mono quiet">{change.path.replace(/^\//, "").replaceAll("/", " › ")}</span>{" "}
          {change.kind === "added" ? null : <del className="mono">{brief(change.before, 500)}</del>}{" "}
          {change.kind === "removed" ? null : <ins className="mono">{brief(change.after, 500)}</ins>}
        </li>
      ))}
    </ul>
  );
}
