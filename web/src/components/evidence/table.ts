/** What the tables of evidence share: a row is a link that chooses what it is about. */
import type { LinkProps } from "@tanstack/react-router";
import type { Evidence, EvidenceLink, Process } from "@/model/evidence";
import { programOf } from "@/model/evidence-words";

export interface TableProps {
  readonly evidence: Evidence;
  readonly spanName: (spanId: string) => string;
}

export function linkTo(item: string): LinkProps {
  return { to: ".", search: ((before: object) => ({ ...before, item, span: undefined })) as never };
}

export function processName(evidence: Evidence, id: string): string {
  const process = evidence.byId.get(id);
  return process ? `${programOf(process.told)} ${process.told.pid}` : "";
}

export function processesText(evidence: Evidence, ids: ReadonlySet<string>): string {
  const found = [...ids].flatMap((id) => evidence.byId.get(id) ?? []);
  return found.slice(0, 3).map(shortName).join(", ") + (found.length > 3 ? ` +${found.length - 3}` : "");
}

function shortName(process: Process): string {
  return `${programOf(process.told)} ${process.told.pid}`;
}

/** The span that it belongs to, or that none does. */
export function spanText(link: EvidenceLink | null, spanName: TableProps["spanName"]): string {
  return link ? spanName(link.span_id) : "";
}
