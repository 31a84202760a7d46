/** Which tool follows which in the runs of an agent: drawn or as lists, one version beside another, usual ways, and runs that went where runs hardly ever go. */
import { NativeSelect, SegmentedControl } from "@mantine/core";
import { useSearch } from "@tanstack/react-router";
import { Suspense, useMemo } from "react";
import { useKeys } from "@/app/keys";
import { lazyPart } from "@/app/lazy";
import { useScope } from "@/app/scope";
import { useChange } from "@/app/useChange";
import { ButtonLink } from "@/components/ButtonLink";
import { Empty } from "@/components/Empty";
import { Failed } from "@/components/Failed";
import { Figure, Figures } from "@/components/Figure";
import { Page } from "@/components/Page";
import { Section } from "@/components/Section";
import { Skeleton } from "@/components/Skeleton";
import { useNarrow } from "@/components/useNarrow";
import { useAgents } from "@/data/queries/agents";
import { type Flow, useFlow } from "@/data/queries/flow";
import { visible } from "@/model/evidence-words";
import { choicesOf } from "@/model/execution";
import { type FlowSearch, readFlowSearch } from "@/model/flow-search";
import { count, fullCount, plural } from "@/model/format";
import { rangeLabel } from "@/model/time-range";
import { changed, drawnFlow, versionKey, versionWords } from "@/model/ways";
import { Changes } from "./Changes";
import styles from "./FlowPage.module.css";
import { FollowList } from "./FollowList";
import { Surprises } from "./Surprises";
import { Ways } from "./Ways";

const FlowMap = lazyPart(() => import("./FlowMap").then((found) => found.FlowMap));

export function FlowPage() {
  const search = readFlowSearch(useSearch({ strict: false }));
  const scope = useScope();
  const narrow = useNarrow();
  const agents = useAgents(scope);
  const busiest = (agents.data?.items ?? []).toSorted((a, b) => b.tool_calls - a.tool_calls);
  const agent = search.agent ?? busiest[0]?.agent ?? "";
  const flow = useFlow(scope, agent, search.version, search.against);
  const told = flow.data?.agent === agent ? flow.data : undefined;
  const asList = narrow || search.form === "list";
  const change = useChange<FlowSearch>();
  useKeys(
    narrow
      ? []
      : [{ keys: "v", label: "Drawn or as a list", group: "This page", run: () => change({ form: asList ? undefined : "list" }) }],
  );
  const names = choicesOf(
    busiest.map((one) => one.agent),
    agent || undefined,
  );
  return (
    <Page>
      <div className={styles.choices}>
        <NativeSelect
          size="xs"
          aria-label="Agent"
          value={agent}
          data={names.length ? names.map((value) => ({ value, label: visible(value).slice(0, 60) })) : [{ value: "", label: "No agent" }]}
          onChange={(event) => change({ agent: event.currentTarget.value, version: undefined, against: undefined })}
        />
        {told ? <Versions flow={told} onChange={change} /> : null}
        {narrow ? null : (
          <SegmentedControl
            size="xs"
            ml="auto"
            aria-label="How it is shown"
            value={asList ? "list" : "map"}
            onChange={(value) => change({ form: value === "list" ? "list" : undefined })}
            data={[
              { value: "map", label: "Drawn" },
              { value: "list", label: "List" },
            ]}
          />
        )}
      </div>
      <Failed of={agents} />
      <Failed of={flow} />
      {!agent && agents.isSuccess ? (
        <Empty title="No agent ran" action={<ButtonLink to="/start">Connect one</ButtonLink>}>
          {`In project ${scope.project}, ${rangeLabel(scope).toLowerCase()}.`}
        </Empty>
      ) : told ? (
        <Shown flow={told} asList={asList} />
      ) : flow.error || agents.error ? null : (
        <Skeleton rows={8} height={32} />
      )}
    </Page>
  );
}

function Versions({ flow, onChange }: { readonly flow: Flow; readonly onChange: (more: FlowSearch) => void }) {
  if (!flow.versions.length) return null;
  const options = flow.versions.map((one) => ({
    value: versionKey(one.version),
    label: `${versionWords(one.version)}, ${plural(one.runs, "run")}`,
  }));
  const others = options.filter(({ value }) => value !== versionKey(flow.version));
  return (
    <>
      <NativeSelect
        size="xs"
        aria-label="Version"
        value={versionKey(flow.version)}
        data={options}
        onChange={(event) => onChange({ version: event.currentTarget.value, against: undefined })}
      />
      {others.length ? (
        <NativeSelect
          size="xs"
          aria-label="Compared with"
          value={flow.against === null ? "" : versionKey(flow.against)}
          data={[{ value: "", label: "Compared with none" }, ...others.map((one) => ({ ...one, label: `Compared with ${one.label}` }))]}
          onChange={(event) => onChange({ against: event.currentTarget.value || undefined })}
        />
      ) : null}
    </>
  );
}

function Shown({ flow, asList }: { readonly flow: Flow; readonly asList: boolean }) {
  const drawn = useMemo(() => drawnFlow(flow), [flow]);
  const changes = useMemo(() => changed(flow.items), [flow]);
  const scope = useScope();
  if (!flow.runs)
    return (
      <Empty
        title="No run called a tool"
        action={
          <ButtonLink to="/agents/$agent" params={{ agent: flow.agent }}>
            The agent
          </ButtonLink>
        }
      >
        {`${visible(flow.agent)}, ${rangeLabel(scope).toLowerCase()}. A flow is made of calls of tools.`}
      </Empty>
    );
  const sure = changes.filter((edge) => edge.change.kind !== "unsure").length;
  return (
    <>
      <Figures label="In this time">
        <Figure label="Runs" full={fullCount(flow.runs)} note={flow.partial ? "the latest 10,000" : undefined}>
          {count(flow.runs)}
        </Figure>
        <Figure label="Tools">{count(flow.steps.filter((step) => step.calls).length)}</Figure>
        <Figure label="Ways of one step to the next">{count(flow.items.filter((edge) => edge.count).length + flow.left_out)}</Figure>
        {flow.against === null ? null : (
          <Figure label={`Differ from ${versionWords(flow.against)}`} note={`of ${plural(flow.runs_before ?? 0, "run")}`}>
            {count(sure)}
          </Figure>
        )}
      </Figures>
      <Section title="What follows what" note="shares are of runs: a run that takes a step twice counts once">
        {asList ? (
          <FollowList flow={flow} />
        ) : (
          <Suspense fallback={<Skeleton rows={8} height={32} />}>
            <FlowMap drawn={drawn} label={`Steps of ${visible(flow.agent)}, drawn`} />
          </Suspense>
        )}
        {flow.left_out ? <p className="quiet">{plural(flow.left_out, "rarer step")} are left out.</p> : null}
      </Section>
      {flow.against === null ? null : <Changes edges={changes} flow={flow} />}
      <Surprises flow={flow} />
      <Ways flow={flow} />
    </>
  );
}
