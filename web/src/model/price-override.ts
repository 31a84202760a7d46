/** Lines of spyglass.yaml that give a model a price. */
export function priceOverride(model: string): string {
  return `prices:\n  overrides:\n    - model: ${JSON.stringify(model)}\n      input: 1.00    # USD per million tokens\n      output: 3.00`;
}
