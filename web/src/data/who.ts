/** The name under which somebody acts on alerts in this browser: asked for once, offered again. It is a word for others to read, and proves nothing. */
const NAME = "spyglass-who";

export function readWho(): string {
  try {
    return localStorage.getItem(NAME) ?? "";
  } catch {
    return ""; // storage may be forbidden
  }
}

export function writeWho(who: string): void {
  try {
    localStorage.setItem(NAME, who);
  } catch {
    // then it is asked for again
  }
}
