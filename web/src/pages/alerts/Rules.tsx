import { Link } from "@tanstack/react-router";
import { useScope } from "@/app/scope";
import { Failed } from "@/components/Failed";
import { Health } from "@/components/Health";
import { None } from "@/components/None";
import { Page } from "@/components/Page";
import { Section } from "@/components/Section";
import { Severity } from "@/components/Severity";
import { type SmallColumn, SmallTable } from "@/components/SmallTable";
import { type AlertRule, useRules } from "@/data/queries/alerts";
import { conditionWords } from "@/model/alert-condition";
import { visible } from "@/model/evidence-words";
import { ago, count, utc } from "@/model/format";

/** The rules, by name, and how they do. */
export function Rules() {
  const { project } = useScope();
  const found = useRules(project);
  return (
    <Page>
      <Section title="Rules" note="when somebody has to know">
        <Failed of={found} />
        <SmallTable
          label="Rules"
          rows={found.data?.items ?? []}
          columns={columns(found.dataUpdatedAt)}
          keyOf={(one) => one.name}
          empty="None yet. A new rule can be tried on the past before it is kept."
          loading={found.isPending}
          failed={found.isLoadingError}
        />
      </Section>
    </Page>
  );
}

function columns(nowMs: number): readonly SmallColumn<AlertRule>[] {
  return [
    {
      id: "name",
      label: "Rule",
      cell: (one) => (
        <Link to="/alerts/rule" search={{ name: one.name } as never} title={one.rule?.title}>
          {one.name}
        </Link>
      ),
    },
    { id: "state", label: "State", cell: (one) => <Health {...standing(one)} /> },
    {
      id: "when",
      label: "Fires when",
      wide: true,
      cell: (one) => {
        const text = one.rule ? [conditionWords({ ...one.rule.condition }), one.rule.query].filter(Boolean).join(", of ") : "";
        return text ? <span title={text}>{visible(text)}</span> : <None />;
      },
    },
    {
      id: "severity",
      label: "Severity",
      cell: (one) => {
        const own = one.rule?.condition.kind === "finding" || one.rule?.condition.kind === "success_rate";
        return one.rule && !own ? <Severity severity={one.rule.severity} /> : <span className="quiet">as it is</span>;
      },
    },
    { id: "groups", label: "Groups", align: "right", hint: "that its last evaluation saw", cell: (one) => count(one.groups) },
    {
      id: "evaluated",
      label: "Evaluated",
      align: "right",
      cell: (one) =>
        one.evaluated ? (
          <span title={`${utc(one.evaluated)}, in ${Math.round(one.took_ms)} ms`}>{ago(one.evaluated, nowMs)}</span>
        ) : (
          <None />
        ),
    },
    {
      id: "alerts",
      label: "",
      cell: (one) => (
        <Link to="/alerts" search={{ rule: one.name } as never} aria-label={`Alerts of ${one.name}`}>
          its alerts
        </Link>
      ),
    },
  ];
}

function standing(one: AlertRule): { readonly state: "ok" | "error" | "unset"; readonly words: string } {
  if (one.problem) return { state: "error", words: visible(one.problem) };
  return one.rule?.enabled ? { state: "ok", words: "on" } : { state: "unset", words: "off" };
}
