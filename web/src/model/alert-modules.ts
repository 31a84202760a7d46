/** Modules of a success rate: what is expected of some groups, the first that matches counts. In: values of the API, or texts of fields; out: the other. */
import { matcherLines } from "./alerts";
import { asKept, type Values } from "./kept";

export interface ModuleForm {
  /** Matchers, one in each line. */
  readonly match: string;
  /** Three shares of 1. */
  readonly rates: string;
  /** Empty: as of others. */
  readonly minCount: string;
  /** As it was opened; null: it is a new one. */
  readonly kept: Values | null;
}

export type ModuleField = Exclude<keyof ModuleForm, "kept">;
export type ModulePath = `modules.${number}.${ModuleField}`;
type Mistakes = Partial<Record<ModulePath, string>>;

export const NEW_MODULE: ModuleForm = { match: "", rates: "0.95 0.9 0.8", minCount: "", kept: null };
export const RATES_HINT = "three shares of 1, none above the one before: below which it is a warning, an error, critical";

export function moduleForms(told: unknown): readonly ModuleForm[] {
  return ((told as readonly Values[] | undefined) ?? []).map(moduleForm);
}

function moduleForm(kept: Values): ModuleForm {
  const [warning, error, critical] = NEW_MODULE.rates.split(" ");
  return {
    match: matchText(kept),
    rates: [kept["warning"] ?? warning, kept["error"] ?? error, kept["critical"] ?? critical].join(" "),
    minCount: String(kept["min_count"] ?? ""),
    kept,
  };
}

function matchText(kept: Values): string {
  return ((kept["match"] as readonly string[] | undefined) ?? []).join("\n");
}

/** Warning, error and critical of a text; null where it is not those three. */
export function ratesOf(text: string): readonly [number, number, number] | null {
  const [warning = 0, error = 0, critical = 0, ...more] = text
    .trim()
    .split(/[\s,]+/)
    .map(Number);
  const ordered = critical > 0 && critical <= error && error <= warning && warning <= 1;
  return ordered && !more.length ? [warning, error, critical] : null;
}

/** The modules that the fields say; what is wrong goes to `mistakes`. `groupBy`: what groups are told apart by, and what matchers can name. */
export function readModules(modules: readonly ModuleForm[], groupBy: readonly string[], mistakes: Mistakes): readonly Values[] {
  return modules.map((module, at) => {
    const wrong = mistakesOf(module, groupBy);
    for (const [field, hint] of Object.entries(wrong)) mistakes[`modules.${at}.${field as ModuleField}`] = hint;
    const made = valuesOf(module);
    return module.kept ? asKept(made, valuesOf(moduleForm(module.kept)), module.kept) : made;
  });
}

function valuesOf({ match, rates, minCount }: ModuleForm): Values {
  const [warning, error, critical] = ratesOf(rates) ?? [];
  return { match: matcherLines(match), warning, error, critical, min_count: minCount.trim() ? Number(minCount) : null };
}

function mistakesOf({ match, rates, minCount, kept }: ModuleForm, groupBy: readonly string[]): Partial<Record<ModuleField, string>> {
  // A value of a matcher may have several lines; as it was opened it is right, line for line it would not be.
  const lines = kept && match === matchText(kept) ? ((kept["match"] as readonly string[] | undefined) ?? []) : matcherLines(match);
  const labels = lines.map((line) => /^\s*([A-Za-z_][A-Za-z0-9_.-]{0,199})\s*!?=/.exec(line)?.[1]);
  const stranger = labels.find((label) => label !== undefined && !groupBy.includes(label));
  return {
    ...(!lines.length || labels.includes(undefined) ? { match: "one in each line, as agent=billing-*" } : {}),
    ...(stranger ? { match: `There is no alert for each ${stranger}: groups are told apart by ${groupBy.join(", ") || "nothing"}.` } : {}),
    ...(ratesOf(rates) ? {} : { rates: RATES_HINT }),
    ...(/^\s*\d{0,10}\s*$/.test(minCount) ? {} : { minCount: "a whole number, or nothing" }),
  };
}
