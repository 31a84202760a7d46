/** The views of a trace, which share one chosen span, and the tools above them. */
import { useDebouncedValue } from "@mantine/hooks";
import { Suspense, useCallback, useMemo, useRef, useState } from "react";
import { useKeys } from "@/app/keys";
import { lazyPart } from "@/app/lazy";
import { Skeleton } from "@/components/Skeleton";
import { Side } from "@/components/side/Side";
import { rowsWith, searchRows, stepWithin, type TraceRows, visibleRows } from "@/model/trace-rows";
import { PANEL_PX, zoomOf } from "@/model/trace-search";
import { type Stretch, wholeOf } from "@/model/waterfall";
import { SpanPanel } from "./panel/SpanPanel";
import { Tools } from "./Tools";
import styles from "./TracePage.module.css";
import { Transcript } from "./transcript/Transcript";
import { TreeView } from "./tree/TreeView";
import { useConcerns } from "./useConcerns";
import { useFolding } from "./useFolding";
import { useTraceAddress } from "./useTraceAddress";

const EvidenceView = lazyPart(() => import("./evidence/EvidenceView").then((module) => module.EvidenceView));
const FlameView = lazyPart(() => import("./flame/FlameView").then((module) => module.FlameView));
const GraphView = lazyPart(() => import("./graph/GraphView").then((module) => module.GraphView));
const RawView = lazyPart(() => import("./raw/RawView").then((module) => module.RawView));

interface Props {
  readonly project: string;
  readonly traceId: string;
  readonly trace: TraceRows;
}

const WALK_MS = 120; // while keys walk, the panel waits for a rest

export function Views({ project, traceId, trace }: Props) {
  const address = useTraceAddress();
  const { select } = address;
  const spoken = useMemo(() => trace.any("messages"), [trace]);
  const view = address.view ?? (spoken ? "transcript" : "tree");
  const inner = address.inner === "1";
  const selected = trace.rowOf(address.span);
  const [shownSpan] = useDebouncedValue(address.span, WALK_MS);
  const folding = useFolding(trace, selected);
  const visible = useMemo(() => visibleRows(trace, folding.folded, inner, selected), [trace, folding.folded, inner, selected]);
  const seen = useMemo(() => zoomOf(address.zoom) ?? wholeOf(trace.end), [address.zoom, trace]);
  const { setZoom } = address;
  const zoom = useCallback((sight: Stretch) => setZoom(sight.from <= 0 && sight.to >= trace.end ? null : sight), [setZoom, trace]);
  const concerns = useConcerns(project, traceId, { now: view === "evidence", running: trace.any("pending") });
  const [text, setText] = useState("");
  const found = useMemo(() => searchRows(trace, text), [trace, text]);
  const foundSet = useMemo(() => new Set(found), [found]);
  const errors = useMemo(() => rowsWith(trace, "error"), [trace]);
  const drawn = useRef<HTMLElement>(null);
  const selectRow = useCallback(
    (row: number, walking = false) => {
      if (walking) takeFocus(drawn.current);
      select(trace.outline.span_id[row] ?? null, walking);
    },
    [select, trace],
  );
  const step = (list: readonly number[], forward: boolean) => {
    const row = stepWithin(list, selected, forward);
    if (row >= 0) selectRow(row, true);
  };
  useKeys([
    ...(errors.length
      ? [
          { keys: "]", label: "Next error", group: "Trace", run: () => step(errors, true) },
          { keys: "[", label: "Error before", group: "Trace", run: () => step(errors, false) },
        ]
      : []),
    { keys: "e", label: "Evidence", group: "Trace", run: () => address.show("evidence") },
    ...(address.span ? [{ keys: "Escape", label: "Close the span", group: "Trace", run: () => select(null) }] : []),
  ]);
  const shown = { trace, selected, inner, onSelect: selectRow };
  return (
    <>
      <Tools
        address={address}
        view={view}
        spoken={spoken}
        plumbing={trace.any("plumbing")}
        folding={folding}
        find={{ text, onText: setText, found: found.length, at: found.indexOf(selected), onStep: (forward) => step(found, forward) }}
        concerns={concerns}
        errors={errors.length}
        onError={(forward) => step(errors, forward)}
      />
      <div className={styles.split}>
        <section ref={drawn} className={styles.view} aria-label={`Trace as ${view}`}>
          <Suspense fallback={<Skeleton rows={12} height={28} />}>
            {view === "tree" ? (
              <TreeView
                {...shown}
                visible={visible}
                folded={folding.folded}
                found={foundSet}
                sight={seen}
                onSight={zoom}
                onFold={folding.fold}
              />
            ) : null}
            {view === "flame" ? <FlameView {...shown} found={foundSet} sight={seen} onSight={zoom} /> : null}
            {view === "graph" ? (
              <GraphView
                {...shown}
                runs={address.graph === "runs"}
                form={address.form}
                onRuns={(runs) => address.setGraph(runs ? "runs" : undefined)}
                onForm={address.setForm}
              />
            ) : null}
            {view === "evidence" ? (
              <EvidenceView
                {...{ project, traceId, trace }}
                span={address.span}
                sight={seen}
                onSight={zoom}
                onSelect={select}
                panel={address.panel ?? PANEL_PX.usual}
                onPanel={address.setPanel}
              />
            ) : null}
            {view === "raw" ? <RawView project={project} traceId={traceId} /> : null}
            {view === "transcript" ? <Transcript traceId={traceId} trace={trace} selected={address.span} onSelect={select} /> : null}
          </Suspense>
        </section>
        {shownSpan && address.span ? (
          <Side label="Span" width={address.panel ?? PANEL_PX.usual} onWidth={address.setPanel} onClose={() => select(null)}>
            <SpanPanel of={{ project, traceId, spanId: shownSpan }} trace={trace} onClose={() => select(null)} onSelect={select} />
          </Side>
        ) : null}
      </div>
    </>
  );
}

/** Who walks by keys that the whole page hears is in the view from then on: Tab leads to the panel beside it, and closing that leads back. */
function takeFocus(view: HTMLElement | null): void {
  if (document.activeElement !== document.body) return;
  view?.querySelector<HTMLElement>("[role=tree], [role=application]")?.focus({ preventScroll: true });
}
