/** A rule of alerts: its form, and beside it how often it would have fired, told anew while somebody writes. */
import { useNavigate, useSearch } from "@tanstack/react-router";
import { useScope } from "@/app/scope";
import { useNamed } from "@/app/title";
import { ButtonLink } from "@/components/ButtonLink";
import { Empty } from "@/components/Empty";
import { Failed } from "@/components/Failed";
import { Skeleton } from "@/components/Skeleton";
import { asApiError } from "@/data/problem";
import { useRule } from "@/data/queries/alerts";
import { formOf, NEW_RULE } from "@/model/alert-rule";
import { readRuleSearch } from "@/model/alerts-search";
import { RuleEditor } from "./RuleEditor";

export function RulePage() {
  const { name = "" } = readRuleSearch(useSearch({ strict: false }));
  const { project } = useScope();
  const navigate = useNavigate();
  const found = useRule(project, name);
  useNamed(name || "New");
  const leave = () => void navigate({ to: "/alerts", search: { show: "rules" } as never });
  if (!name) return <RuleEditor key="new" form={NEW_RULE} version={0} onDone={leave} />;
  if (found.error && asApiError(found.error).status === 404)
    return (
      <Empty
        title={`No rule ${name}`}
        action={
          <ButtonLink to="/alerts" search={{ show: "rules" } as never}>
            All rules
          </ButtonLink>
        }
      >
        It is not in project {project}, or was deleted.
      </Empty>
    );
  if (!found.data) return found.error ? <Failed of={found} /> : <Skeleton rows={8} height={40} />;
  return (
    <RuleEditor
      key={`${project} ${name}`}
      form={formOf(name, { ...found.data.rule })}
      version={found.data.version}
      problem={found.data.problem}
      onDone={leave}
    />
  );
}
