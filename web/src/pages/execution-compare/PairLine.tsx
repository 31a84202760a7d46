import { Suspense, useState } from "react";
import { lazyPart } from "@/app/lazy";
import { KindIcon } from "@/components/KindIcon";
import type { Schemas } from "@/data/client";
import styles from "./CompareExecutionsPage.module.css";

const TextDiff = lazyPart(() => import("@/components/TextDiff").then((found) => found.TextDiff));

type Pair = Schemas["ComparedPair"];
type Step = Schemas["ComparedStep"];

const WORDS: Readonly<Record<string, string>> = {
  only_a: "only in A",
  only_b: "only in B",
  status: "went otherwise",
  input: "another input",
  calls: "other calls",
  answers: "other answers",
};

/** Two steps that belong together, or one that stands alone; opens to what differs. */
export function PairLine({ pair }: { readonly pair: Pair }) {
  const [open, setOpen] = useState(false);
  return (
    <li className={styles.pair} data-differs={!pair.same || undefined}>
      <button type="button" className={styles.both} aria-expanded={open} onClick={() => setOpen(!open)}>
        <Side step={pair.a} letter="A" />
        <Side step={pair.b} letter="B" />
        <span className={styles.differs}>
          {pair.same ? <span className="quiet">same</span> : pair.differs.map((one) => WORDS[one] ?? one).join(", ")}
        </span>
      </button>
      {open ? (
        <div className={styles.more}>
          <div>
            <h3>Told with it</h3>
            {pair.a?.input || pair.b?.input ? (
              <Suspense fallback={null}>
                <TextDiff a={pair.a?.input ?? ""} b={pair.b?.input ?? ""} />
              </Suspense>
            ) : (
              <p className="quiet">Nothing.</p>
            )}
          </div>
          <Calls a={pair.a} b={pair.b} />
        </div>
      ) : null}
    </li>
  );
}

function Side({ step, letter }: { readonly step: Step | null; readonly letter: string }) {
  if (!step) return <span className={`${styles.side} quiet`}>–</span>;
  return (
    <span className={styles.side}>
      <span className={styles.letter}>{letter}</span>
      <span className="quiet numbers">{step.number || ""}</span>
      <span className="cut">{step.name}</span>
      {step.status === "failed" ? <span className={styles.failed}>failed</span> : null}
    </span>
  );
}

/** The calls of both, each beside the one in its place. */
function Calls({ a, b }: { readonly a: Step | null; readonly b: Step | null }) {
  const [left, right] = [a?.calls ?? [], b?.calls ?? []];
  const length = Math.max(left.length, right.length);
  if (!length) return null;
  return (
    <div>
      <h3>Calls</h3>
      <ul className={styles.calls}>
        {Array.from({ length }, (_, at) => {
          const [one, other] = [left[at], right[at]];
          const same = one && other && one.input_hash === other.input_hash && one.name === other.name && one.kind === other.kind;
          const words =
            !one || !other ? "" : !same ? "another call" : one.output_hash === other.output_hash ? "same answer" : "another answer";
          return (
            // biome-ignore lint/suspicious/noArrayIndexKey: calls never change places
            <li key={at}>
              <Call call={one} />
              <Call call={other} />
              <span className="quiet">{words}</span>
            </li>
          );
        })}
      </ul>
    </div>
  );
}

function Call({ call }: { readonly call: Step["calls"][number] | undefined }) {
  if (!call) return <span className="quiet">–</span>;
  return (
    <span className={styles.side}>
      <KindIcon kind={call.kind} size={13} />
      <span className="mono cut">{call.name}</span>
      {call.failed ? <span className={styles.failed}>failed</span> : null}
    </span>
  );
}
