/** Those who wait until nothing moves any more, and go on then: a few in each frame, as what each of them begins is work. */

/** Of the page; a test has its own. */
export interface Time {
  readonly nowMs: () => number;
  readonly later: (run: () => void, ms: number) => void;
  /** Before the next frame is drawn. */
  readonly frame: (run: () => void) => void;
}

const REST_MS = 150;
const AT_ONCE = 2; // a screen of rows asks within a dozen frames, and a frame takes no longer for it

export class Rest {
  readonly #time: Time;
  readonly #waiting = new Set<() => void>();
  #movedMs = Number.NEGATIVE_INFINITY;
  #looks = false;

  constructor(time: Time) {
    this.#time = time;
  }

  /** Something moved: all wait on. */
  moved(): void {
    this.#movedMs = this.#time.nowMs();
  }

  /** Calls `go` at rest, first come first served; gives what ends the waiting. */
  wait(go: () => void): () => void {
    this.#waiting.add(go);
    if (!this.#looks) this.#next();
    return () => this.#waiting.delete(go);
  }

  // A busy page tells late that it moved: before a frame, never after.
  readonly #next = () => {
    this.#looks = true;
    this.#time.frame(this.#look);
  };

  readonly #look = () => {
    this.#looks = false;
    if (!this.#waiting.size) return;
    const leftMs = this.#movedMs + REST_MS - this.#time.nowMs();
    if (leftMs > 0) {
      this.#looks = true;
      return this.#time.later(this.#next, leftMs);
    }
    for (const go of [...this.#waiting].slice(0, AT_ONCE)) {
      this.#waiting.delete(go);
      go();
    }
    if (this.#waiting.size) this.#next();
  };
}
