/** What happens now: records as they come, and the agents that run. */
import { Button, SegmentedControl } from "@mantine/core";
import { IconPlayerPause, IconPlayerPlay } from "@tabler/icons-react";
import { useSearch } from "@tanstack/react-router";
import { useKeys } from "@/app/keys";
import { useScope } from "@/app/scope";
import { useChange } from "@/app/useChange";
import { DataTable } from "@/components/DataTable";
import { Empty } from "@/components/Empty";
import { QueryBar } from "@/components/QueryBar";
import type { LiveStatus } from "@/data/live";
import type { RecordFrame } from "@/data/live-frames";
import { useCompletion } from "@/data/queries/complete";
import { fullCount } from "@/model/format";
import { type LiveKind, type LiveSearch, readLiveSearch } from "@/model/live-search";
import { FrameCard } from "./FrameCard";
import { frameColumns } from "./frameColumns";
import styles from "./LivePage.module.css";
import { RunningList } from "./RunningList";
import { TailState } from "./TailState";
import { useTail } from "./useTail";

const TITLES: Readonly<Record<LiveStatus, string>> = {
  connecting: "Connecting",
  waiting: "No connection",
  open: "Listening",
  paused: "Paused",
  closed: "Closed",
};

const keyOf = (frame: RecordFrame) => `${frame.cursor} ${frame.type} ${frame.id ?? ""}`;
const nameOf = (frame: RecordFrame) => `${frame.name || frame.type} ${frame.agent || frame.service}`;
const linkOf = (frame: RecordFrame) =>
  frame.trace_id
    ? ({
        to: "/traces/$traceId",
        params: { traceId: frame.trace_id },
        search: (frame.span_id ? { span: frame.span_id } : {}) as never,
      } as const)
    : ({ to: "/logs", search: frame.id ? { query: `event_id:${frame.id}` } : {} } as const);

export function LivePage() {
  const search = readLiveSearch(useSearch({ strict: false }));
  const scope = useScope();
  const query = search.query ?? "";
  const watching = useTail(scope.project, query, search.kind);
  const completion = useCompletion(scope);
  const change = useChange<LiveSearch>();
  const { tail, paused, state } = watching;
  useKeys([{ keys: "p", label: "Pause or go on", group: "This page", run: () => watching.pause(!paused) }]);
  const mistake = state.problem ? { detail: state.problem.detail, column: state.problem.column } : null;
  return (
    <div className={styles.page}>
      <div className={styles.tools}>
        <QueryBar
          value={query}
          placeholder="kind:tool is:error agent:planner"
          mistake={mistake}
          onSubmit={(text) => change({ query: text || undefined })}
          {...completion}
        />
        <SegmentedControl
          h={32}
          aria-label="Which records"
          value={search.kind ?? "all"}
          onChange={(value) => change({ kind: value === "all" ? undefined : (value as LiveKind) })}
          data={[
            { value: "all", label: "All" },
            { value: "span", label: "Spans" },
            { value: "event", label: "Events" },
          ]}
        />
        <Button
          variant={paused ? "filled" : "default"}
          h={32}
          className={styles.pause}
          leftSection={paused ? <IconPlayerPlay size={14} /> : <IconPlayerPause size={14} />}
          onClick={() => watching.pause(!paused)}
        >
          {paused ? (tail.held.length ? `Show ${fullCount(tail.held.length)} new` : "Go on") : "Pause"}
        </Button>
      </div>
      <TailState watching={watching} />
      <div className={styles.body}>
        {/* biome-ignore lint/a11y/noStaticElementInteractions: who walks the rows by keys must not have them move away */}
        <div
          className={styles.main}
          onFocus={(event) => (event.target as HTMLElement).hasAttribute("data-row") && !paused && watching.pause(true)}
        >
          {tail.shown.length ? (
            <DataTable
              label="Records as they come"
              rows={tail.shown}
              columns={frameColumns(Date.now())}
              keyOf={keyOf}
              linkOf={linkOf}
              nameOf={nameOf}
              compact={(frame) => <FrameCard frame={frame} nowMs={Date.now()} />}
            />
          ) : (
            <Empty title={TITLES[state.status]}>
              {state.status === "waiting" || state.status === "connecting"
                ? "What comes meanwhile is shown once there is a connection."
                : query || search.kind
                  ? "Nothing that matches came since you opened this page."
                  : `Nothing came to project ${scope.project} since you opened this page.`}
            </Empty>
          )}
        </div>
        <RunningList project={scope.project} />
      </div>
    </div>
  );
}
