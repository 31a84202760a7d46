import { Button } from "@mantine/core";
import { useState } from "react";
import { useScope } from "@/app/scope";
import { Empty } from "@/components/Empty";
import { Failed } from "@/components/Failed";
import { Health } from "@/components/Health";
import { None } from "@/components/None";
import { Page } from "@/components/Page";
import { Section } from "@/components/Section";
import { Severity } from "@/components/Severity";
import { type SmallColumn, SmallTable } from "@/components/SmallTable";
import { When } from "@/components/When";
import { type Policy, usePolicies } from "@/data/queries/policies";
import { visible } from "@/model/evidence-words";
import { actionWords, policyStanding } from "@/model/policies";
import { ActionRecord } from "./ActionRecord";
import styles from "./AlertsPage.module.css";
import { PolicyDialog } from "./PolicyDialog";
import { Stops } from "./Stops";

/** What is done about alerts without anybody asking: the policies, and the record of what they did or would have done; and executions that shall stop. */
export function Actions() {
  const { project } = useScope();
  const found = usePolicies(project);
  const [open, setOpen] = useState<Policy | "new" | null>(null);
  const told = found.data;
  const make = () => setOpen("new");
  return (
    <Page>
      <Section
        title="Policies"
        note="what is done about alerts without anybody asking"
        actions={
          <Button size="compact-sm" disabled={!told} onClick={make}>
            New policy
          </Button>
        }
      >
        <Failed of={found} />
        {told && !told.live_actions ? (
          <p className="quiet">
            Nothing is done: the setting <code>alerts.live_actions</code> of this server is off. The record says what would have been done.
          </p>
        ) : null}
        {told && !told.items.length ? (
          <Empty title="No policy yet" action={<Button onClick={make}>New policy</Button>}>
            A policy calls a webhook, opens an issue, stops a run or restarts a runner when an alert fires. It begins as a dry run.
          </Empty>
        ) : (
          <SmallTable
            label="Policies"
            rows={told?.items ?? []}
            columns={columns(found.dataUpdatedAt, setOpen)}
            keyOf={(one) => one.name}
            empty=""
            loading={found.isPending}
          />
        )}
      </Section>
      <ActionRecord policies={told?.items.map((one) => one.name) ?? []} />
      <Stops />
      {told && open ? (
        <PolicyDialog policy={open === "new" ? null : open} allowed={told.live_actions} onClose={() => setOpen(null)} />
      ) : null}
    </Page>
  );
}

function columns(nowMs: number, onOpen: (policy: Policy) => void): readonly SmallColumn<Policy>[] {
  return [
    {
      id: "name",
      label: "Policy",
      cell: (one) => (
        <button type="button" className={styles.opens} title={visible(one.policy?.description ?? "")} onClick={() => onOpen(one)}>
          {one.name}
        </button>
      ),
    },
    { id: "state", label: "State", cell: (one) => <Health {...policyStanding(one)} /> },
    { id: "does", label: "Does", cell: (one) => (one.policy ? actionWords({ ...one.policy.action }) : <None />) },
    {
      id: "match",
      label: "About alerts with",
      wide: true,
      cell: (one) => {
        const text = visible(one.policy?.match.join(", ") ?? "");
        return text ? <span title={text}>{text}</span> : <None />;
      },
    },
    { id: "severity", label: "This bad or worse", cell: (one) => (one.policy ? <Severity severity={one.policy.severity} /> : <None />) },
    {
      id: "limits",
      label: "In an hour",
      align: "right",
      hint: "how often at most, and how often to the same execution, runner or alert",
      cell: (one) => (one.policy ? `${one.policy.per_hour}, ${one.policy.per_subject} each` : <None />),
    },
    {
      id: "changed",
      label: "Changed",
      cell: (one) => (
        <span title={one.author ? `by ${visible(one.author)}` : undefined}>
          <When iso={one.updated} nowMs={nowMs} />
        </span>
      ),
    },
  ];
}
