import { useQuery } from "@tanstack/react-query";
import { get, type Schemas } from "../client";
import { storedSoon } from "../stored-soon";

export type Span = Schemas["Span"];
export type CallMessage = Schemas["CallMessage"];
export type Peers = Schemas["Peers"];
export type Explanation = Schemas["Explanation"];

export interface SpanOf {
  readonly project: string;
  readonly traceId: string;
  readonly spanId: string;
}

const asked = ({ project, traceId, spanId }: SpanOf, signal: AbortSignal) => ({
  path: { trace_id: traceId, span_id: spanId },
  query: { project },
  signal,
});

/** One span with everything that is known of it. */
export function useSpan(of: SpanOf, enabled = true) {
  return useQuery({
    ...storedSoon, // of a trace that goes on
    queryKey: ["span", of],
    queryFn: ({ signal }) => get("/api/v1/traces/{trace_id}/spans/{span_id}", asked(of, signal)),
    enabled,
    placeholderData: () => undefined,
  });
}

/** The conversation of one call. */
export function useSpanMessages(of: SpanOf, enabled: boolean) {
  return useQuery({
    queryKey: ["span-messages", of],
    queryFn: ({ signal }) => get("/api/v1/traces/{trace_id}/spans/{span_id}/messages", asked(of, signal)),
    placeholderData: () => undefined,
    enabled,
  });
}

/** How long it took among spans of its name and kind. */
export function usePeers(of: SpanOf, enabled: boolean) {
  return useQuery({
    queryKey: ["peers", of],
    queryFn: ({ signal }) => get("/api/v1/traces/{trace_id}/spans/{span_id}/peers", asked(of, signal)),
    placeholderData: () => undefined,
    staleTime: 300_000,
    enabled,
  });
}

/** How the call of a span is priced today. */
export function useExplanation(span: Span) {
  const { model, provider, input_tokens, output_tokens, cache_read_tokens, cache_write_tokens, reasoning_tokens } = span;
  const query = { model, provider, input_tokens, output_tokens, cache_read_tokens, cache_write_tokens, reasoning_tokens };
  return useQuery({
    queryKey: ["explain", query],
    queryFn: ({ signal }) => get("/api/v1/prices/explain", { query, signal }),
    placeholderData: () => undefined,
    enabled: model !== "",
  });
}
