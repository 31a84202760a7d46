/** What nobody changed stays as it was: values that a form was opened with, also those that the form cannot show or does not know. */

export type Values = Readonly<Record<string, unknown>>;

/**
 * The values to keep. `made`: what the form says now; `again`: what the same form says of `kept` without any change; `kept`: what it was opened with.
 * A member that the form says the same of as before is as it was kept; members that the form does not know are kept.
 */
export function asKept(made: Values, again: Values, kept: Values): Values {
  const merged = Object.entries(made).map(
    ([name, value]) => [name, name in kept && same(value, again[name]) ? kept[name] : value] as const,
  );
  return { ...kept, ...Object.fromEntries(merged) };
}

/** Whether two values are the same JSON; forms make their members in one order. */
function same(one: unknown, other: unknown): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}
