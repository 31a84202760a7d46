/** What the filters of the address leave of the evidence, for each list. */
import { useMemo } from "react";
import { type Evidence, SORTS } from "@/model/evidence";
import { filesOf, hostsOf } from "@/model/evidence-groups";
import { type EvidenceFilter, keptActions, keptCalls } from "@/model/evidence-rows";
import { type EvidenceSearch, sortsOf } from "@/model/evidence-search";

export type Listed = ReturnType<typeof useListed>;

export function useListed(evidence: Evidence, search: EvidenceSearch) {
  const { process: id, sorts, only } = search;
  const filter = useMemo(
    (): EvidenceFilter => ({
      process: id === undefined ? undefined : evidence.byId.get(id),
      sorts: sortsOf({ sorts }),
      unexplained: only !== undefined,
    }),
    [evidence, id, sorts, only],
  );
  const actions = useMemo(() => keptActions(evidence, filter), [evidence, filter]);
  const every = useMemo(() => keptActions(evidence, { ...filter, sorts: new Set(SORTS) }), [evidence, filter]); // files and hosts are sorts themselves
  const files = useMemo(() => filesOf(every), [every]);
  const hosts = useMemo(() => hostsOf(every), [every]);
  const calls = useMemo(() => keptCalls(evidence, filter), [evidence, filter]);
  const counts = { time: 0, actions: actions.length, files: files.length, hosts: hosts.length, calls: calls.length };
  return { filter, actions, files, hosts, calls, counts };
}
