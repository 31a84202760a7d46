import { useMemo } from "react";
import { useChangeShared, useScope } from "@/app/scope";
import { Failed } from "@/components/Failed";
import page from "@/components/Page.module.css";
import { TimeChart } from "@/components/TimeChart";
import { useAgentCallSeries, useSpanSeries } from "@/data/queries/series";
import { bucketTimes, type ChartData, line } from "@/model/chart";
import { count, duration, money } from "@/model/format";
import { quoteValue } from "@/model/search-edit";
import { between, bounds } from "@/model/time-range";

const HEIGHT = 144;

/** An agent over time: runs, how long they take, what is spent, and how its tools do. */
export function AgentCharts({ name }: { readonly name: string }) {
  const scope = useScope();
  const change = useChangeShared();
  const runs = useSpanSeries(scope, `kind:agent agent:${quoteValue(name)}`);
  const models = useAgentCallSeries(scope, name, "llm");
  const tools = useAgentCallSeries(scope, name, "tool");
  const charts = useMemo(() => {
    const range = bounds(scope, runs.dataUpdatedAt || Date.now());
    const bucketS = runs.data?.bucket_s ?? 0;
    const timesMs = bucketTimes(bucketS, range);
    const chart = (...lines: ChartData["lines"]): ChartData => ({ timesMs, bucketMs: bucketS * 1000, lines });
    const run = runs.data?.items ?? [];
    const call = models.data?.items ?? [];
    const tool = tools.data?.items ?? [];
    return {
      runs: chart(
        line(run, timesMs, (point) => point.errors, 0, "failed", "var(--status-error)"),
        line(run, timesMs, (point) => point.count - point.errors, 0, "succeeded", "var(--kind-agent)"),
      ),
      durations: chart(
        line(run, timesMs, (point) => point.p50_ns, null, "p50", "var(--kind-tool)"),
        line(run, timesMs, (point) => point.p95_ns, null, "p95", "var(--kind-guardrail)"),
      ),
      cost: chart(line(call, timesMs, (point) => point.cost_usd, 0, "cost", "var(--kind-llm)")),
      tokens: chart(
        line(call, timesMs, (point) => point.cache_read_tokens, 0, "in, cached", "var(--kind-memory)"),
        line(call, timesMs, (point) => point.input_tokens - point.cache_read_tokens, 0, "in", "var(--accent)"),
        line(call, timesMs, (point) => point.output_tokens, 0, "out", "var(--kind-embedding)"),
      ),
      calls: chart(
        line(call, timesMs, (point) => point.errors, 0, "failed", "var(--status-error)"),
        line(call, timesMs, (point) => point.count - point.errors, 0, "succeeded", "var(--kind-llm)"),
      ),
      tools: chart(
        line(tool, timesMs, (point) => point.errors, 0, "failed", "var(--status-error)"),
        line(tool, timesMs, (point) => point.count - point.errors, 0, "succeeded", "var(--kind-tool)"),
      ),
    };
  }, [scope, runs.data, runs.dataUpdatedAt, models.data, tools.data]);
  // What was not answered yet is no nothing; the times of all charts are those of the runs.
  const shared = (of: typeof runs | typeof models) => ({
    height: HEIGHT,
    onZoom: (fromMs: number, toMs: number) => change.range(between(fromMs, toMs)),
    loading: runs.isPending || of.isPending,
    failed: runs.isLoadingError || of.isLoadingError,
    stale: runs.isPlaceholderData || of.isPlaceholderData,
  });
  return (
    <>
      <Failed of={[runs, models, tools]} />
      <div className={page.charts}>
        <TimeChart label="Runs" data={charts.runs} format={count} shape="bar" {...shared(runs)} />
        <TimeChart label="Duration of runs" data={charts.durations} format={duration} {...shared(runs)} />
        <TimeChart label="Cost" data={charts.cost} format={money} shape="bar" {...shared(models)} />
        <TimeChart label="Model calls" data={charts.calls} format={count} shape="bar" {...shared(models)} />
        <TimeChart label="Tool calls" data={charts.tools} format={count} shape="bar" {...shared(tools)} />
        <TimeChart label="Tokens" data={charts.tokens} format={count} shape="bar" {...shared(models)} />
      </div>
    </>
  );
}
