/** Nothing is known, or there is nothing. */
export function None() {
  return <span style={{ color: "var(--line-strong)" }}>–</span>;
}
