/** Records as a file: by the browser itself, which writes a stream of any size to the disk; where a key is needed, which it could not send, by fetch. */
import { addressOf, download } from "./client";
import { readKey } from "./key";
import type { Scope } from "./scope";

export type ExportFormat = "otlp-json" | "otlp-proto" | "arrow";

const ENDINGS: Readonly<Record<ExportFormat, string>> = { "otlp-json": "jsonl", "otlp-proto": "otlp", arrow: "arrow" };

export interface Exported extends Scope {
  readonly kind: "spans" | "events";
  readonly query: string;
  readonly format: ExportFormat;
}

/** Throws what the server refuses, where that can be known before the browser takes over. */
export async function saveExport(wanted: Exported): Promise<void> {
  const name = `spyglass-${wanted.project}-${wanted.kind}.${ENDINGS[wanted.format]}`;
  if (!readKey()) {
    follow(addressOf("/api/v1/export", {}, { ...wanted }), name);
    return;
  }
  const answer = await download("/api/v1/export", { ...wanted });
  const address = URL.createObjectURL(await answer.blob());
  follow(address, name);
  setTimeout(() => URL.revokeObjectURL(address), 60_000);
}

function follow(address: string, name: string): void {
  const link = document.createElement("a");
  link.href = address;
  link.download = name;
  link.click();
}
