import side from "@/components/side/Side.module.css";
import { useCaused } from "@/data/queries/evidence";
import type { SpanOf } from "@/data/queries/span";
import { causedLines } from "@/model/evidence-caused";
import { fullCount } from "@/model/format";

const MOST = 30;

/** What a span caused on the machine: programs, files and hosts, as far as somebody was watching. Nothing where there is nothing. */
export function Caused({ of }: { readonly of: SpanOf }) {
  const { data } = useCaused(of);
  if (!data) return null;
  return causedLines(data).map(({ label, lines }) =>
    lines.length ? (
      <section key={label} aria-label={label}>
        <h4 className={side.part}>
          {label} {fullCount(lines.length)}
        </h4>
        <pre className={`${side.text} mono`}>{lines.slice(0, MOST).join("\n")}</pre>
        {lines.length > MOST ? <p className="quiet">and {fullCount(lines.length - MOST)} more, in the tab Evidence</p> : null}
      </section>
    ) : null,
  );
}
