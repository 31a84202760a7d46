import { Skeleton } from "./Skeleton";

/** Where a page will be whose code is still being loaded. */
export function PageOnItsWay() {
  return <Skeleton rows={14} height={34} />;
}
