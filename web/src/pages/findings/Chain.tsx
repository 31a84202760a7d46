import { ButtonLink } from "@/components/ButtonLink";
import { KindIcon } from "@/components/KindIcon";
import side from "@/components/side/Side.module.css";
import { When } from "@/components/When";
import type { FindingDetail } from "@/data/queries/security";
import { visible } from "@/model/evidence-words";
import { chainOf } from "@/model/security";
import styles from "./Chain.module.css";
import { RowLink } from "./RowLink";

/** The rows that show a finding, in the order of their times: what was read, what was done then, each with its place in a trace. */
export function Chain({ rows }: { readonly rows: FindingDetail["chain"] }) {
  if (!rows.length) return null;
  const nowMs = Date.now();
  return (
    <>
      <h4 className={side.part}>Evidence</h4>
      <ol className={styles.chain} aria-label="Evidence">
        {chainOf(rows).map(({ row, label, tone, text, after }) => (
          <li key={row.row} className={styles.link}>
            <span className={styles.mark} style={{ background: `var(--status-${tone})` }} aria-hidden />
            <div className={styles.head}>
              <b style={tone === "unset" ? {} : { color: `var(--status-${tone})` }}>{visible(label)}</b>
              {row.time ? <When iso={row.time} nowMs={nowMs} /> : null}
              {after ? <span className="quiet numbers">{after}</span> : null}
            </div>
            <div className={styles.what}>
              {row.kind && row.kind !== "event" ? <KindIcon kind={row.kind} size={14} /> : null}
              {row.kind ? (
                <span className="cut" title={visible(row.name)}>
                  {visible([row.agent, row.tool || row.name].filter(Boolean).join(" · "))}
                </span>
              ) : null}
              {row.status === "error" ? <span className={styles.failed}>failed</span> : null}
              <RowLink text={row.row} />
              {row.kind === "event" && row.trace_id ? (
                <ButtonLink variant="default" size="compact-xs" to="/traces/$traceId" params={{ traceId: row.trace_id }}>
                  its trace
                </ButtonLink>
              ) : null}
            </div>
            {text ? <p className={`${styles.text} mono`}>{visible(text)}</p> : null}
          </li>
        ))}
      </ol>
    </>
  );
}
