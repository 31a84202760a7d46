import { Button } from "@mantine/core";
import { useMemo } from "react";
import { ButtonLink } from "@/components/ButtonLink";
import type { Evidence, Process } from "@/model/evidence";
import { didText, filesOf, hostsOf } from "@/model/evidence-groups";
import { because, commandOf, ending } from "@/model/evidence-words";
import { bytes, duration, fullCount } from "@/model/format";
import side from "../side/Side.module.css";
import { Because } from "./Because";
import { Entries } from "./Entries";
import styles from "./Item.module.css";
import type { Opening } from "./opening";
import { ProcessFacts } from "./ProcessFacts";

interface Props extends Opening {
  readonly evidence: Evidence;
  readonly process: Process;
}

/** A process: its command, the span that caused it, what it did and started. */
export function ProcessStory({ evidence, process, traceId, spanName, onSpan, onItem, onActions }: Props) {
  const { told, actions } = process;
  const files = useMemo(() => filesOf(actions), [actions]);
  const hosts = useMemo(() => hostsOf(actions), [actions]);
  const unexplained = useMemo(() => actions.filter((action) => action.unexplained), [actions]);
  return (
    <>
      <pre className={`${side.text} mono`}>{commandOf(told)}</pre>
      <h4 className={side.part}>Why it ran</h4>
      <Because
        link={told.link}
        name={told.link ? spanName(told.link.span_id) : undefined}
        onSpan={onSpan}
        unexplained={unexplained.some((action) => action.name === "process.exec")}
      />
      <ProcessFacts process={process} parent={evidence.byId.get(told.parent ?? "")} onProcess={(id) => onItem(`p:${id}`)} />
      <div className={styles.actions}>
        <ButtonLink
          variant="default"
          to="/traces/$traceId/process"
          params={{ traceId }}
          search={((before: { project?: string }) => ({ project: before.project, process: told.id })) as never}
        >
          Open its page
        </ButtonLink>
        <Button variant="default" onClick={() => onActions(told.id)}>
          All {fullCount(actions.length)} actions
        </Button>
      </div>
      <Entries
        label="Nothing accounts for"
        of={unexplained.length}
        entries={unexplained.map((action) => ({
          key: action.event_id,
          text: action.what,
          end: duration(action.at),
          red: true,
          onOpen: () => onItem(`a:${action.event_id}`),
        }))}
      />
      <Entries
        label="Started"
        of={process.children.length}
        entries={process.children.map((child) => ({
          key: child.told.id,
          text: commandOf(child.told),
          end: ending(child.told),
          title: because(child.told.link),
          onOpen: () => onItem(`p:${child.told.id}`),
        }))}
      />
      <Entries
        label="Files"
        of={files.length}
        entries={files.map((file) => ({
          key: file.key,
          text: file.key,
          end: didText(file),
          red: file.unexplained > 0,
          onOpen: () => onItem(`f:${file.key}`),
        }))}
      />
      <Entries
        label="Hosts"
        of={hosts.length}
        entries={hosts.map((host) => ({
          key: host.key,
          text: host.key,
          end: host.read || host.written ? `${bytes(host.written)} out, ${bytes(host.read)} in` : didText(host),
          red: host.unexplained > 0,
          onOpen: () => onItem(`h:${host.key}`),
        }))}
      />
      <Entries
        label="Model calls on the wire"
        of={process.calls.length}
        entries={process.calls.map((call) => ({
          key: call.span_id,
          text: call.model || call.server,
          end: duration(call.duration_ns),
          title: because(call.link),
          red: !call.link,
          onOpen: () => onItem(`c:${call.span_id}`),
        }))}
      />
    </>
  );
}
