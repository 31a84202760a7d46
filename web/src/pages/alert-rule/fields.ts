import type { ReadRule, RuleForm } from "@/model/alert-rule";

/** What each part of the form gets. */
export interface Fields {
  readonly form: RuleForm;
  readonly mistakes: ReadRule["mistakes"];
  readonly onSet: (more: Partial<RuleForm>) => void;
}
