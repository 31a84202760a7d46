/** Code of a page that comes when it is wanted: while the server is away it is waited for, so that the page opens by itself when the server is back. */
const ASK_MS = 2000;
const ANSWERS_MS = 10_000;
const ELSEWHERE = new Set([429, 502, 504]); // a proxy answers in its place
let back: Promise<void> | null = null;

/** What brings the code, at its second try if need be. What fails twice while the server answers is thrown: another version of the app may be there now, and the router loads the page anew. */
export function patient<T>(bring: () => Promise<T>): () => Promise<T> {
  return () =>
    bring().catch(async () => {
      if (!(await answers())) {
        back ??= untilBack();
        await back;
      }
      restyle();
      return bring();
    });
}

async function untilBack(): Promise<void> {
  while (!(await answers())) await new Promise((wake) => setTimeout(wake, ASK_MS));
  back = null;
}

async function answers(): Promise<boolean> {
  try {
    const told = await fetch("/health", { cache: "no-store", signal: AbortSignal.timeout(ANSWERS_MS) });
    const ours = told.headers.get("content-type")?.includes("json") ?? false;
    return !ELSEWHERE.has(told.status) && (told.status !== 503 || ours);
  } catch {
    return false;
  }
}

/** Styles that did not come are asked for again: whoever brings code does that once only. */
function restyle(): void {
  for (const link of document.querySelectorAll<HTMLLinkElement>('link[rel="stylesheet"]')) {
    if (!link.sheet) link.replaceWith(link.cloneNode());
  }
}
