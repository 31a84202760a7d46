import { Link } from "@tanstack/react-router";
import side from "@/components/side/Side.module.css";
import type { Span } from "@/data/queries/span";
import { attributeLines } from "@/model/attributes";
import styles from "./SpanPanel.module.css";

interface Props {
  readonly links: Span["links"];
  /** The trace on the screen. */
  readonly traceId: string;
  readonly onSelect: (span: string) => void;
}

/** Other spans that this one has to do with, here or in another trace. */
export function Links({ links, traceId, onSelect }: Props) {
  return links.map((link, at) => (
    // biome-ignore lint/suspicious/noArrayIndexKey: the same span may be linked twice
    <article key={at} className={styles.message}>
      <header className={styles.role}>
        {link.trace_id === traceId ? (
          <button type="button" className={side.link} onClick={() => onSelect(link.span_id)}>
            {`span ${link.span_id} of this trace`}
          </button>
        ) : (
          <Link
            className={side.link}
            to="/traces/$traceId"
            params={{ traceId: link.trace_id }}
            search={(before) => ({ project: before.project, span: link.span_id })}
          >
            {`span ${link.span_id} of trace ${link.trace_id}`}
          </Link>
        )}
      </header>
      {Object.keys(link.attributes).length ? (
        <div className={styles.said}>
          {attributeLines(link.attributes).map((line) => (
            <div key={line.key} className={`${styles.line} mono`}>
              <span className={styles.key}>{line.key}</span>
              <span className={styles.value}>{line.text}</span>
            </div>
          ))}
        </div>
      ) : null}
    </article>
  ));
}
