import { useQuery } from "@tanstack/react-query";
import { download } from "../client";

const MOST_BYTES = 2_000_000; // what a reader may scroll through; the rest is for machines

export interface Raw {
  readonly lines: readonly string[];
  /** There is more. */
  readonly cut: boolean;
}

/** The beginning of a trace as OTLP/JSON, indented, line by line. */
export function useRaw(project: string, traceId: string) {
  return useQuery({
    queryKey: ["raw", project, traceId],
    queryFn: async ({ signal }): Promise<Raw> => {
      const query = { project, kind: "spans", trace_id: traceId, format: "otlp-json" };
      const { text, cut } = await beginning(await download("/api/v1/export", query, signal));
      const whole = cut ? text.slice(0, text.lastIndexOf("\n") + 1) : text;
      const messages = whole.split("\n").filter(Boolean);
      if (!messages.length) return { lines: [text.slice(0, MOST_BYTES)], cut };
      return { lines: messages.flatMap((message) => JSON.stringify(JSON.parse(message), null, 2).split("\n")), cut };
    },
    structuralSharing: false,
    placeholderData: () => undefined,
  });
}

async function beginning(answer: Response): Promise<{ text: string; cut: boolean }> {
  const reader = answer.body?.pipeThrough(new TextDecoderStream()).getReader();
  let text = "";
  for (let part = await reader?.read(); reader && part && !part.done; part = await reader.read()) {
    text += part.value;
    if (text.length <= MOST_BYTES) continue;
    await reader.cancel();
    return { text, cut: true };
  }
  return { text, cut: false };
}
