/** The nonce that the server wrote into this page: what makes `<style>` elements has to show it, or the Content-Security-Policy refuses them. */
const PLACEHOLDER = "__CSP_NONCE__"; // still there where Vite serves the page, which sends no policy

export function readNonce(): string {
  const told = document.querySelector<HTMLMetaElement>('meta[name="csp-nonce"]')?.content ?? "";
  return told === PLACEHOLDER ? "" : told;
}

// What Mantine's overlays lock scrolling with looks for the nonce under this name.
Object.assign(globalThis, { __webpack_nonce__: readNonce() });
