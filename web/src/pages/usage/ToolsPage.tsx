/** Tools: how often they were called, by whom, how they fail, and what that took; what they waste, and runs that go round in circles. */
import { useScope } from "@/app/scope";
import { Failed } from "@/components/Failed";
import { Page } from "@/components/Page";
import { Section } from "@/components/Section";
import { UsageTable } from "@/components/UsageTable";
import { useTools } from "@/data/queries/usage";
import { count } from "@/model/format";
import { CallCharts } from "./CallCharts";
import { Loops } from "./Loops";
import { Waste } from "./Waste";

export function ToolsPage() {
  const tools = useTools(useScope());
  const rows = tools.data?.items ?? [];
  return (
    <Page>
      <Failed of={tools} />
      <CallCharts of="tool" />
      <Section title="Tools" note={rows.length ? count(rows.length) : undefined}>
        <UsageTable
          of="tool"
          rows={rows}
          nowMs={tools.dataUpdatedAt || Date.now()}
          loading={tools.isPending}
          failed={tools.isLoadingError}
          stale={tools.isPlaceholderData}
        />
      </Section>
      <Waste />
      <Loops />
    </Page>
  );
}
