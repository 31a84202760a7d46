/** Tracks of a CSS grid. In: `96px`, `minmax(140px, 2fr)`. Out: what they need at least. */

/** The width below which the tracks do not fit. CSS itself cannot say it: as `max-content` a track of `2fr` is twice one of `1fr`, however little it needs. */
export function leastPx(tracks: readonly string[], gapPx: number): number {
  const least = tracks.map((track) => Number(/(\d+)px/.exec(track)?.[1] ?? 0));
  return least.reduce((sum, px) => sum + px, 0) + gapPx * Math.max(0, tracks.length - 1);
}
