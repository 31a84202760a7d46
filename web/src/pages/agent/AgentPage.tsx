/** One agent: how it is doing, its figures over time, what it uses, whom it calls, and its runs. */

import { useNavigate, useParams, useRouter } from "@tanstack/react-router";
import { Suspense, useEffect, useMemo } from "react";
import { lazyPart } from "@/app/lazy";
import { useScope } from "@/app/scope";
import { remember } from "@/app/shell/recent";
import { useNamed } from "@/app/title";
import { ButtonLink } from "@/components/ButtonLink";
import { Empty } from "@/components/Empty";
import { Failed } from "@/components/Failed";
import { Figure, Figures } from "@/components/Figure";
import { Health } from "@/components/Health";
import page from "@/components/Page.module.css";
import { Section } from "@/components/Section";
import { Skeleton } from "@/components/Skeleton";
import { UsageTable } from "@/components/UsageTable";
import { asApiError } from "@/data/problem";
import { type Agent, useAgents, useEdges } from "@/data/queries/agents";
import { useAgent } from "@/data/queries/registry";
import { useModels, useTools } from "@/data/queries/usage";
import { agentHealth, success } from "@/model/agent-health";
import { callGraph } from "@/model/call-graph";
import { ago, count, duration, fullCount, fullMoney, money, percent, utc } from "@/model/format";
import { quoteValue } from "@/model/search-edit";
import { Loops } from "@/pages/usage/Loops";
import { Waste } from "@/pages/usage/Waste";
import { AgentCharts } from "./AgentCharts";
import { AgentMemory } from "./AgentMemory";
import { AgentStanding } from "./AgentStanding";
import { Configurations } from "./Configurations";
import { CriticalPath } from "./CriticalPath";
import { Definition } from "./Definition";
import { Drift } from "./Drift";
import { EdgeTable } from "./EdgeTable";
import { Registration } from "./Registration";
import { Runs } from "./Runs";
import { StoodOut } from "./StoodOut";
import { Versions } from "./Versions";

const CallGraph = lazyPart(() => import("@/pages/agents/CallGraph").then((found) => found.CallGraph));

export function AgentPage() {
  const { agent: name } = useParams({ from: "/shell/agents/$agent" });
  const scope = useScope();
  const found = useAgent(scope, name);
  const tools = useTools(scope, "", name);
  const models = useModels(scope, "", name);
  const edges = useEdges(scope, name);
  const all = useAgents(scope);
  const navigate = useNavigate();
  const graph = useMemo(() => callGraph(all.data?.items ?? [], edges.data?.items ?? []), [all.data, edges.data]);
  useNamed(name);
  useEffect(() => remember({ href: `/agents/${encodeURIComponent(name)}`, title: name }), [name]);
  const agent = found.isPlaceholderData && found.data?.agent !== name ? undefined : found.data;
  const nowMs = found.dataUpdatedAt || Date.now();
  const known = agent?.agent ?? name;
  useItsName(name, known);
  if (found.error && asApiError(found.error).status === 404)
    return (
      <Empty title={`Nothing of ${name}`} action={<ButtonLink to="/agents">All agents</ButtonLink>}>
        No span names it in project {scope.project}, and it did not register.
      </Empty>
    );
  return (
    <div className={page.page}>
      <header className={page.head}>
        <h2 className="cut">{name}</h2>
        {agent ? <Health {...agentHealth(agent)} /> : null}
        <span className={page.about}>{agent ? <About agent={agent} /> : null}</span>
        <ButtonLink variant="default" to="/flow" search={{ agent: known } as never}>
          Its flow
        </ButtonLink>
        <ButtonLink variant="default" to="/traces" search={{ query: `agent:${quoteValue(name)}` }}>
          Its traces
        </ButtonLink>
      </header>
      <Failed of={[found, tools, models, edges]} />
      {agent ? <Drift agent={agent} nowMs={nowMs} /> : null}
      {agent ? <Told agent={agent} nowMs={nowMs} /> : null}
      {agent ? <Registration agent={agent} nowMs={nowMs} /> : null}
      <AgentStanding name={name} />
      {agent ? <StoodOut agent={agent} /> : null}
      <AgentCharts name={name} />
      <CriticalPath name={known} />
      <Section title="Tools" note={note(tools.data?.items.length)}>
        <UsageTable
          of="tool"
          rows={tools.data?.items ?? []}
          nowMs={nowMs}
          agent={name}
          loading={tools.isPending}
          failed={tools.isLoadingError}
          stale={tools.isPlaceholderData}
        />
      </Section>
      <Waste agent={known} />
      <Loops agent={known} />
      <Section title="Models" note={note(models.data?.items.length)}>
        <UsageTable
          of="model"
          rows={models.data?.items ?? []}
          nowMs={nowMs}
          agent={name}
          loading={models.isPending}
          failed={models.isLoadingError}
          stale={models.isPlaceholderData}
        />
      </Section>
      <Section title="Calls between agents" note={edges.data?.partial ? "of the latest 2,000 traces" : undefined}>
        {graph.edges.length ? (
          <Suspense fallback={<Skeleton rows={6} height={28} />}>
            <CallGraph graph={graph} here={name} onOpen={(agent) => void navigate({ to: "/agents/$agent", params: { agent } })} />
          </Suspense>
        ) : null}
        <EdgeTable agent={name} rows={edges.data?.items ?? []} nowMs={nowMs} loading={edges.isPending} failed={edges.isLoadingError} />
      </Section>
      {agent ? <Versions name={known} /> : null}
      <Definition key={name} name={name} />
      {agent ? <Configurations name={known} /> : null}
      {agent ? <AgentMemory name={known} /> : null}
      <Runs name={name} />
    </div>
  );
}

/** The name in the address of an agent that was asked for by its id; unless somebody is on the way elsewhere by then, who would be brought back. */
function useItsName(asked: string, known: string): void {
  const router = useRouter();
  useEffect(() => {
    const of = (agent: string) => ({ to: "/agents/$agent", params: { agent } }) as const;
    const here = router.latestLocation.pathname === router.buildLocation(of(asked)).pathname;
    if (known !== asked && here) void router.navigate({ ...of(known), search: true, replace: true });
  }, [asked, known, router]);
}

function note(items: number | undefined): string | undefined {
  return items ? count(items) : undefined;
}

function About({ agent }: { readonly agent: Agent }) {
  const parts = [
    agent.versions.length ? `version ${agent.versions.join(", ")}` : "",
    agent.services.length ? `in ${agent.services.join(", ")}` : "",
    agent.ids.length ? `id ${agent.ids.join(", ")}` : "",
  ].filter(Boolean);
  const text = parts.join(" · ");
  return (
    <span className="quiet cut" title={text}>
      {text}
    </span>
  );
}

function Told({ agent, nowMs }: { readonly agent: Agent; readonly nowMs: number }) {
  const share = success(agent);
  const tokens = agent.input_tokens + agent.output_tokens;
  return (
    <Figures label="In this time">
      <Figure label="Runs" full={fullCount(agent.runs)} note={agent.running ? `${count(agent.running)} running` : undefined}>
        {count(agent.runs)}
      </Figure>
      <Figure
        label="Success"
        tone={share !== null && share < 0.95 ? "error" : undefined}
        full={`${fullCount(agent.failed_runs)} runs failed`}
      >
        {percent(share)}
      </Figure>
      <Figure label="Run p50">{duration(agent.p50_ns)}</Figure>
      <Figure label="Run p95">{duration(agent.p95_ns)}</Figure>
      <Figure label="Model calls" note={agent.model_errors ? `${count(agent.model_errors)} failed` : undefined}>
        {count(agent.model_calls)}
      </Figure>
      <Figure label="Tool calls" note={agent.tool_errors ? `${count(agent.tool_errors)} failed` : undefined}>
        {count(agent.tool_calls)}
      </Figure>
      <Figure label="Tokens" full={`${fullCount(agent.input_tokens)} in, ${fullCount(agent.output_tokens)} out`}>
        {count(tokens)}
      </Figure>
      <Figure label="Cost" full={fullMoney(agent.cost_usd)}>
        {money(agent.cost_usd)}
      </Figure>
      <Figure label="Sessions">{count(agent.sessions)}</Figure>
      <Figure label="Last seen" full={utc(agent.last_seen)}>
        {ago(agent.last_seen, nowMs)}
      </Figure>
    </Figures>
  );
}
