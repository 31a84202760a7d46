/** The list of sessions: conversations with what they came to. */

import { useNavigate, useSearch } from "@tanstack/react-router";
import { useCallback, useMemo } from "react";
import { useScope } from "@/app/scope";
import { DataTable } from "@/components/DataTable";
import { Empty } from "@/components/Empty";
import list from "@/components/List.module.css";
import { NoneHere } from "@/components/NoneHere";
import { Problem } from "@/components/Problem";
import { QueryBar } from "@/components/QueryBar";
import { asApiError } from "@/data/problem";
import { type Session, useSessions } from "@/data/queries/sessions";
import { readSessionsSearch } from "@/model/sessions-search";
import { SessionCard } from "./SessionCard";
import { sessionColumns } from "./sessionColumns";

const keyOf = (session: Session) => session.session_id;
const linkOf = (session: Session) => ({ to: "/sessions/$sessionId", params: { sessionId: session.session_id } }) as const;
const nameOf = (session: Session) => `session ${session.session_id}`;

export function SessionsPage() {
  const query = readSessionsSearch(useSearch({ strict: false })).query ?? "";
  const scope = useScope();
  const navigate = useNavigate();
  const sessions = useSessions(scope, query);
  const rows = useMemo(() => sessions.data?.pages.flatMap((page) => page.items) ?? [], [sessions.data]);
  const columns = useMemo(() => sessionColumns(Date.now()), []);
  const error = sessions.error ? asApiError(sessions.error) : null;
  const mistake = error?.code === "query_invalid" ? { detail: error.message, column: error.column } : null;
  const { hasNextPage, isFetchingNextPage, isError, fetchNextPage } = sessions;
  const more = useCallback(() => void (isFetchingNextPage || fetchNextPage()), [isFetchingNextPage, fetchNextPage]);
  const ask = (text: string) => void navigate({ to: ".", search: (before: object) => ({ ...before, query: text || undefined }) as never });
  return (
    <div className={list.page}>
      <div className={list.tools}>
        <QueryBar value={query} placeholder="user:ada is:error agent:planner" mistake={mistake} onSubmit={ask} />
      </div>
      {error && !mistake ? <Problem error={error} onRetry={() => void sessions.refetch()} /> : null}
      {mistake ? (
        <Empty title="The search cannot be understood">It is marked above where.</Empty>
      ) : sessions.isSuccess && rows.length === 0 ? (
        <NoneHere of="session" asked={query ? "search" : null} onClear={() => ask("")}>
          Spans belong to a session when they carry session.id, gen_ai.conversation.id or their framework's name for it.
        </NoneHere>
      ) : (
        <DataTable
          label="Sessions"
          rows={rows}
          columns={columns}
          keyOf={keyOf}
          linkOf={linkOf}
          nameOf={nameOf}
          compact={(session) => <SessionCard session={session} nowMs={Date.now()} />}
          onMore={hasNextPage && !isError ? more : undefined}
          loading={sessions.isPending}
          stale={sessions.isPlaceholderData}
        />
      )}
    </div>
  );
}
