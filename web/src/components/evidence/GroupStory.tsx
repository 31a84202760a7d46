import type { Evidence } from "@/model/evidence";
import { didText, type Group } from "@/model/evidence-groups";
import { because, didOf, visible } from "@/model/evidence-words";
import { bytes, duration, fullCount } from "@/model/format";
import side from "../side/Side.module.css";
import { Because } from "./Because";
import { Entries } from "./Entries";
import type { Opening } from "./opening";
import { processesText, processName } from "./table";

interface Props extends Opening {
  readonly evidence: Evidence;
  readonly of: "file" | "host";
  readonly group: Group;
}

/** A file or a host with everything that was done there. */
export function GroupStory({ evidence, of, group, spanName, onSpan, onItem }: Props) {
  const link = group.actions.find((action) => action.link)?.link ?? null;
  return (
    <>
      <pre className={`${side.text} mono`}>{visible(group.key)}</pre>
      <h4 className={side.part}>Why</h4>
      {group.unexplained || !link ? <Because link={null} name={undefined} onSpan={onSpan} unexplained={group.unexplained > 0} /> : null}
      {link ? <Because link={link} name={spanName(link.span_id)} onSpan={onSpan} unexplained={false} /> : null}
      <dl className={side.facts}>
        <dt>Done</dt>
        <dd>{didText(group)}</dd>
        {group.ports.size ? (
          <>
            <dt>Ports</dt>
            <dd>{[...group.ports].join(", ")}</dd>
          </>
        ) : null}
        <dt>{of === "file" ? "Written" : "Sent"}</dt>
        <dd title={fullCount(group.written)}>{bytes(group.written)}</dd>
        <dt>{of === "file" ? "Read" : "Received"}</dt>
        <dd title={fullCount(group.read)}>{bytes(group.read)}</dd>
        <dt>Processes</dt>
        <dd>{processesText(evidence, group.processes)}</dd>
      </dl>
      <Entries
        label="What was done"
        of={group.actions.length}
        entries={group.actions.map((action) => ({
          key: action.event_id,
          text: `${didOf(action.name)} by ${processName(evidence, action.process)}`,
          end: duration(action.at),
          title: because(action.link),
          red: action.unexplained,
          onOpen: () => onItem(`a:${action.event_id}`),
        }))}
      />
    </>
  );
}
