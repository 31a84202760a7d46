/** Lines of two texts, those far from any difference folded away. In: every line of both. Out: lines to draw, and how many were left out between them. */
export interface Line {
  readonly kind: "same" | "removed" | "added";
  readonly text: string;
}

export interface Left {
  readonly left: number;
}

/** Lines with `around` same ones beside each difference. */
export function folded<L extends Line>(lines: readonly L[], around = 3): readonly (L | Left)[] {
  const near = new Set<number>();
  for (const [at, line] of lines.entries()) {
    if (line.kind === "same") continue;
    for (let beside = at - around; beside <= at + around; beside += 1) near.add(beside);
  }
  const found: (L | Left)[] = [];
  let left = 0;
  for (const [at, line] of lines.entries()) {
    if (near.has(at)) {
      if (left) found.push({ left });
      left = 0;
      found.push(line);
    } else left += 1;
  }
  return left ? [...found, { left }] : found;
}
