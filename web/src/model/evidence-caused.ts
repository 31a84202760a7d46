/** What a span caused, in lines. In: the answer of the API. Out: text that is safe to show. */
import type { WatchedProcess } from "./evidence";
import { commandOf, ending, visible } from "./evidence-words";
import { bytes } from "./format";

export interface CausedAnswer {
  readonly processes: readonly WatchedProcess[];
  readonly files: readonly {
    readonly path: string;
    readonly did: readonly string[];
    readonly target: string;
    readonly read_bytes: number;
    readonly written_bytes: number;
    readonly failed: boolean;
  }[];
  readonly hosts: readonly {
    readonly host: string;
    readonly port: number;
    readonly sent_bytes: number;
    readonly received_bytes: number;
    readonly failed: boolean;
  }[];
}

export interface CausedLines {
  readonly label: string;
  readonly lines: readonly string[];
}

/** Programs that ran, files with what became of them, hosts with what went there. */
export function causedLines(caused: CausedAnswer): readonly CausedLines[] {
  return [
    { label: "Programs", lines: caused.processes.map((one) => joined(commandOf(one), ending(one))) },
    {
      label: "Files",
      lines: caused.files.map((one) =>
        joined(
          visible(one.target ? `${one.path} → ${one.target}` : one.path),
          one.did.join(", "),
          one.written_bytes ? `${bytes(one.written_bytes)} written` : "",
          one.read_bytes ? `${bytes(one.read_bytes)} read` : "",
          one.failed ? "failed" : "",
        ),
      ),
    },
    {
      label: "Hosts",
      lines: caused.hosts.map((one) =>
        joined(
          visible(one.port ? `${one.host}:${one.port}` : one.host),
          one.sent_bytes ? `${bytes(one.sent_bytes)} sent` : "",
          one.received_bytes ? `${bytes(one.received_bytes)} received` : "",
          one.failed ? "failed" : "",
        ),
      ),
    },
  ];
}

function joined(...parts: readonly string[]): string {
  return parts.filter(Boolean).join(" · ");
}
