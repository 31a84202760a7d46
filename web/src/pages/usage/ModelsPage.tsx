/** Models: how often they were called, tokens and cost; those without a price; and the price table. */
import { useScope } from "@/app/scope";
import { Failed } from "@/components/Failed";
import { Page } from "@/components/Page";
import { Section } from "@/components/Section";
import { UsageTable } from "@/components/UsageTable";
import { useModels } from "@/data/queries/usage";
import { count } from "@/model/format";
import { CallCharts } from "./CallCharts";
import { Prices } from "./Prices";
import { Unpriced } from "./Unpriced";

export function ModelsPage() {
  const models = useModels(useScope());
  const rows = models.data?.items ?? [];
  return (
    <Page>
      <Failed of={models} />
      <CallCharts of="model" />
      <Section title="Models" note={rows.length ? count(rows.length) : undefined}>
        <UsageTable
          of="model"
          rows={rows}
          nowMs={models.dataUpdatedAt || Date.now()}
          loading={models.isPending}
          failed={models.isLoadingError}
          stale={models.isPlaceholderData}
        />
      </Section>
      <Unpriced />
      <Prices />
    </Page>
  );
}
