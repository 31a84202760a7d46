/** Whether telemetry arrives whole: health in words, how much comes in, what each source lacks, what was lost, and what the store keeps. */

import { Failed } from "@/components/Failed";
import { Page } from "@/components/Page";
import { useHealth } from "@/data/queries/health";
import { HealthPanel } from "./HealthPanel";
import { Ingest } from "./Ingest";
import { LedgerPanel } from "./LedgerPanel";
import { Sources } from "./Sources";
import { Storage } from "./Storage";

export function SystemPage() {
  const health = useHealth();
  return (
    <Page>
      <Failed of={health} />
      {health.data ? <HealthPanel health={health.data} /> : null}
      <Ingest />
      <Sources />
      <LedgerPanel />
      <Storage />
    </Page>
  );
}
