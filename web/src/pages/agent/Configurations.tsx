import { Button } from "@mantine/core";
import { useState } from "react";
import { useScope } from "@/app/scope";
import { Failed } from "@/components/Failed";
import { None } from "@/components/None";
import { Section } from "@/components/Section";
import { type SmallColumn, SmallTable } from "@/components/SmallTable";
import { type Deployment, useConfigurations, useDeployments } from "@/data/queries/registry";
import { ago, plural, utc } from "@/model/format";
import { ConfigurationDialog } from "./ConfigurationDialog";
import { ConfigurationList } from "./ConfigurationList";
import { type Act, DeployDialog } from "./DeployDialog";
import { DeploymentHistory } from "./DeploymentHistory";
import styles from "./Registry.module.css";

/** What the agent is to run with: its configurations, which environment runs which, and how that came. */
export function Configurations({ name }: { readonly name: string }) {
  const { project } = useScope();
  const found = useConfigurations(project, name);
  const deployed = useDeployments(project, name);
  const [act, setAct] = useState<Act | null>(null);
  const [adding, setAdding] = useState(false);
  const rows = found.data?.items ?? [];
  const steps = deployed.data?.pages.flatMap((page) => page.items) ?? [];
  const environments = deployed.data?.pages[0]?.deployments ?? [];
  return (
    <Section
      title="Configuration"
      note={rows.length ? plural(rows.length, "configuration") : undefined}
      actions={
        <>
          <Button variant="default" size="compact-sm" onClick={() => setAdding(true)} disabled={!found.data}>
            New configuration
          </Button>
          {rows.length ? (
            <Button variant="default" size="compact-sm" onClick={() => setAct({ do: "deploy", deployment: null })}>
              Deploy
            </Button>
          ) : null}
        </>
      }
    >
      <Failed of={found} />
      <Failed of={deployed} />
      {environments.length ? (
        <SmallTable
          label="Environments"
          rows={environments}
          columns={columns(found.dataUpdatedAt || Date.now(), setAct)}
          keyOf={(one) => one.environment}
          empty=""
        />
      ) : null}
      {found.isSuccess && !rows.length ? (
        <p className="quiet">
          None is kept here. A configuration is a JSON object with whatever the agent needs: prompt, model, settings, tools; the SDK fetches
          the one that is deployed.
        </p>
      ) : (
        <ConfigurationList agent={name} rows={rows} loading={found.isPending} nowMs={found.dataUpdatedAt || Date.now()} />
      )}
      {steps.length ? (
        <DeploymentHistory
          steps={steps}
          nowMs={deployed.dataUpdatedAt || Date.now()}
          more={deployed.hasNextPage ? () => void deployed.fetchNextPage() : undefined}
          loading={deployed.isFetchingNextPage}
        />
      ) : null}
      {adding ? <ConfigurationDialog agent={name} latest={rows[0]} onClose={() => setAdding(false)} /> : null}
      {act ? (
        <DeployDialog agent={name} act={act} configurations={rows} deployments={environments} steps={steps} onClose={() => setAct(null)} />
      ) : null}
    </Section>
  );
}

function columns(nowMs: number, onAct: (act: Act) => void): readonly SmallColumn<Deployment>[] {
  return [
    { id: "environment", label: "Environment", cell: (one) => <b>{one.environment}</b> },
    { id: "number", label: "Configuration", cell: (one) => one.number },
    { id: "since", label: "Since", cell: (one) => <span title={utc(one.deployed)}>{ago(one.deployed, nowMs)}</span> },
    { id: "pinned", label: "Pinned", cell: (one) => (one.pinned ? <span className={styles.live}>pinned</span> : <None />) },
    {
      id: "acts",
      label: "",
      cell: (one) => (
        <span className={styles.acts}>
          {one.pinned ? null : (
            <>
              <ActButton what="Deploy" of={one} onClick={() => onAct({ do: "deploy", deployment: one })} />
              <ActButton what="Roll back" of={one} onClick={() => onAct({ do: "rollback", deployment: one })} />
            </>
          )}
          <ActButton
            what={one.pinned ? "Unpin" : "Pin"}
            of={one}
            onClick={() => onAct({ do: one.pinned ? "unpin" : "pin", deployment: one })}
          />
        </span>
      ),
    },
  ];
}

function ActButton({ what, of, onClick }: { readonly what: string; readonly of: Deployment; readonly onClick: () => void }) {
  return (
    <Button variant="default" size="compact-xs" onClick={onClick} aria-label={`${what} ${of.environment}`}>
      {what}
    </Button>
  );
}
