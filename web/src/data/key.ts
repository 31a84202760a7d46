/** The API key of a server that wants one: kept for this tab only, sent with every request, never part of an address that is shown. */
const NAME = "spyglass-key";

export function readKey(): string {
  try {
    return sessionStorage.getItem(NAME) ?? "";
  } catch {
    return ""; // storage may be forbidden
  }
}

export function writeKey(key: string): void {
  try {
    sessionStorage.setItem(NAME, key);
  } catch {
    // then it is asked for again
  }
}
