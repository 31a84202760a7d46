/** What nearly every resource is asked with: whose records, and of which time. */
export interface Scope {
  readonly project: string;
  readonly from: string;
  readonly to: string;
}
