/** Pages that were opened lately in this tab, newest first, for the palette. */
const MOST = 8;
let recent: readonly RecentPage[] = [];

export interface RecentPage {
  readonly href: string;
  readonly title: string;
}

/** Call it from a page that shows one thing: a trace, a session, an agent. */
export function remember(page: RecentPage): void {
  recent = [page, ...recent.filter((one) => one.href.split("?")[0] !== page.href.split("?")[0])].slice(0, MOST);
}

export function recentPages(): readonly RecentPage[] {
  return recent;
}
