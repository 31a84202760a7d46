import { Suspense, useState } from "react";
import { lazyPart } from "@/app/lazy";
import { JsonTree } from "@/components/JsonTree";
import { When } from "@/components/When";
import type { Configuration } from "@/data/queries/registry";
import { DeleteConfiguration } from "./DeleteConfiguration";
import styles from "./Registry.module.css";

const TextDiff = lazyPart(() => import("@/components/TextDiff").then((found) => found.TextDiff));

interface Props {
  readonly agent: string;
  readonly rows: readonly Configuration[];
  readonly loading: boolean;
  readonly nowMs: number;
}

/** Configurations, the latest first; each opens to what it says, and what is new in it. */
export function ConfigurationList({ agent, rows, loading, nowMs }: Props) {
  if (loading) return <p className="quiet">Loading…</p>;
  return (
    <ol className={styles.configurations} aria-label="Configurations">
      {rows.map((one, at) => (
        <li key={one.number}>
          <details>
            <summary>
              <b className="numbers">{one.number}</b>
              {one.environments.map((environment) => (
                <span key={environment} className={styles.tag}>
                  {environment}
                </span>
              ))}
              <span className="cut">{one.comment}</span>
              <span className={`${styles.end} quiet`}>
                {one.author ? `${one.author} · ` : ""}
                <When iso={one.created} nowMs={nowMs} />
              </span>
            </summary>
            <Body agent={agent} one={one} before={rows[at + 1]} />
          </details>
        </li>
      ))}
    </ol>
  );
}

interface BodyProps {
  readonly agent: string;
  readonly one: Configuration;
  readonly before: Configuration | undefined;
}

function Body({ agent, one, before }: BodyProps) {
  const [compared, setCompared] = useState(false);
  return (
    <div className={styles.body}>
      <div className={styles.choice}>
        {before ? (
          <button type="button" className={styles.switch} aria-pressed={compared} onClick={() => setCompared(!compared)}>
            {compared ? "Show it" : `What is new against ${before.number}`}
          </button>
        ) : null}
        <DeleteConfiguration agent={agent} of={one} />
      </div>
      {compared && before ? (
        <Suspense fallback={null}>
          <div className="mono">
            <TextDiff a={JSON.stringify(before.body, null, 2)} b={JSON.stringify(one.body, null, 2)} />
          </div>
        </Suspense>
      ) : (
        <JsonTree value={one.body} open={2} />
      )}
    </div>
  );
}
