import { Button } from "@mantine/core";
import { useMemo } from "react";
import { useKeys } from "@/app/keys";
import { Because } from "@/components/evidence/Because";
import { Entries } from "@/components/evidence/Entries";
import { LifeChart } from "@/components/evidence/LifeChart";
import { ProcessFacts } from "@/components/evidence/ProcessFacts";
import { Page } from "@/components/Page";
import { Section } from "@/components/Section";
import side from "@/components/side/Side.module.css";
import type { Evidence, Process } from "@/model/evidence";
import { causesOf } from "@/model/evidence-item";
import { lifeOf } from "@/model/evidence-life";
import { actionText, commandOf, failure, programOf } from "@/model/evidence-words";
import { duration, fullCount } from "@/model/format";
import type { RawSearch } from "@/model/search-state";
import type { TraceRows } from "@/model/trace-rows";
import styles from "./ProcessPage.module.css";
import { Touched } from "./Touched";

interface Props {
  readonly process: Process;
  readonly evidence: Evidence;
  readonly trace: TraceRows;
  /** To the evidence of the trace, with this in the address. */
  readonly onTrace: (search: RawSearch) => void;
  readonly onProcess: (id: string) => void;
}

export function ProcessDetail({ process, evidence, trace, onTrace, onProcess }: Props) {
  const { told } = process;
  const causes = useMemo(() => causesOf(process), [process]);
  const life = useMemo(() => lifeOf(process, causes, trace), [process, causes, trace]);
  const spanName = (id: string) => trace.text(trace.rowOf(id), "name") || `span ${id}`;
  const open = (id: string) => {
    if (id.startsWith("p:")) onProcess(id.slice(2));
    else onTrace(id.startsWith("s:") ? { span: id.slice(2) } : { item: id });
  };
  const here = () => onTrace({ item: `p:${told.id}` });
  const up = () => told.parent && evidence.byId.has(told.parent) && onProcess(told.parent);
  useKeys([
    { keys: "e", label: "Evidence of the trace", group: "This page", run: here },
    { keys: "u", label: "To the parent", group: "This page", run: () => void up() },
  ]);
  const wrong = failure(told);
  const unexplained = process.actions.filter((action) => action.unexplained);
  return (
    <div className={styles.page}>
      <Page>
        <div className={styles.top}>
          <header className={styles.head}>
            <h2 className={`${styles.title} cut`}>{programOf(told)}</h2>
            <span className="quiet numbers">process {told.pid}</span>
            {wrong ? <span className={styles.red}>{wrong}</span> : null}
            {process.unexplained ? (
              <span className={styles.red}>
                {fullCount(process.unexplained)} {process.unexplained === 1 ? "action" : "actions"} that nothing in the trace accounts for
              </span>
            ) : null}
            <span className={styles.spring} />
            <Button variant="default" onClick={here}>
              In the evidence of the trace
            </Button>
          </header>
          <pre className={`${side.text} mono`}>{commandOf(told)}</pre>
          <Because
            link={told.link}
            name={told.link ? spanName(told.link.span_id) : undefined}
            onSpan={(span) => onTrace({ span })}
            unexplained={unexplained.some((action) => action.name === "process.exec")}
          />
          <div>
            <Entries
              label="Nothing accounts for"
              of={unexplained.length}
              entries={unexplained.map((action) => ({
                key: action.event_id,
                text: actionText(action),
                end: duration(action.at),
                red: true,
                onOpen: () => onTrace({ item: `a:${action.event_id}` }),
              }))}
            />
          </div>
          <ProcessFacts process={process} parent={evidence.byId.get(told.parent ?? "")} onProcess={onProcess} />
        </div>
        <Section title="Life" note="spans it belongs to, itself with files and hosts as marks, what it started">
          <LifeChart life={life} onOpen={open} />
        </Section>
        <Touched process={process} causes={causes} spanName={spanName} onOpen={open} onTrace={onTrace} />
      </Page>
    </div>
  );
}
