import { useDebouncedValue } from "@mantine/hooks";
import { useQuery } from "@tanstack/react-query";
import { useCallback, useMemo, useState } from "react";
import { type Candidates, characters } from "@/model/completion";
import { get } from "../client";
import type { Scope } from "../scope";

export interface Completing {
  readonly candidates: Candidates | null;
  /** Tell what is typed and where the cursor is; null: nobody types. */
  readonly onTyping: (typing: { readonly text: string; readonly cursor: number } | null) => void;
}

const PAUSE_MS = 120;

/** Fields, operators and observed values that may follow what is typed. */
export function useCompletion(scope: Scope): Completing {
  const [before, setBefore] = useState<string | null>(null);
  const [asked] = useDebouncedValue(before, PAUSE_MS, { leading: true });
  const found = useQuery({
    queryKey: ["complete", scope, asked],
    queryFn: async ({ signal }): Promise<Candidates> => {
      const text = asked ?? "";
      const told = await get("/api/v1/search/complete", {
        query: { ...scope, text, position: characters(text, text.length), limit: 12 },
        signal,
      });
      return { before: text, start: told.start, items: told.items };
    },
    enabled: asked !== null && asked.length < 4000,
    staleTime: 30_000,
    retry: false,
  });
  const onTyping = useCallback<Completing["onTyping"]>((typing) => setBefore(typing ? typing.text.slice(0, typing.cursor) : null), []);
  return useMemo(() => ({ candidates: before === null ? null : (found.data ?? null), onTyping }), [before, found.data, onTyping]);
}
