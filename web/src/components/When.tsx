import { time, utc } from "@/model/format";

/** A time in the viewer's zone, UTC on hover. */
export function When({ iso, nowMs }: { readonly iso: string; readonly nowMs: number }) {
  return (
    <time dateTime={iso} title={utc(iso)} className="numbers">
      {time(iso, nowMs)}
    </time>
  );
}
