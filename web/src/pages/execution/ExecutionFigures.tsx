import { Figure, Figures } from "@/components/Figure";
import type { ExecutionDetail } from "@/data/queries/executions";
import { bytes, count, duration, fullCount, fullMoney, money } from "@/model/format";

/** What it spent, with all below it. */
export function ExecutionFigures({ run }: { readonly run: ExecutionDetail }) {
  const tokens = run.input_tokens === null || run.output_tokens === null ? null : run.input_tokens + run.output_tokens;
  return (
    <Figures label="Spent">
      <Figure label="Steps" note={run.last_step ? `last: ${run.last_step.slice(0, 200)}` : undefined}>
        {count(run.steps)}
      </Figure>
      <Figure label="Model calls" note={run.model_errors ? `${count(run.model_errors)} failed` : undefined}>
        {count(run.model_calls)}
      </Figure>
      <Figure label="Tool calls" note={run.tool_errors ? `${count(run.tool_errors)} failed` : undefined}>
        {count(run.tool_calls)}
      </Figure>
      <Figure
        label="Tokens"
        full={tokens === null ? undefined : `${fullCount(run.input_tokens ?? 0)} in, ${fullCount(run.output_tokens ?? 0)} out`}
      >
        {count(tokens)}
      </Figure>
      <Figure label="Cost" full={run.cost_usd === null ? undefined : fullMoney(run.cost_usd)}>
        {money(run.cost_usd)}
      </Figure>
      <Figure label="Errors" tone={run.errors ? "error" : undefined}>
        {count(run.errors)}
      </Figure>
      {run.memory_bytes === null ? null : <Figure label="Most memory">{bytes(run.memory_bytes)}</Figure>}
      {run.cpu_s === null ? null : <Figure label="CPU">{duration(run.cpu_s * 1e9)}</Figure>}
    </Figures>
  );
}
