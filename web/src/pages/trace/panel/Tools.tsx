import { JsonTree } from "@/components/JsonTree";
import { KindIcon } from "@/components/KindIcon";
import { LongText } from "@/components/LongText";
import side from "@/components/side/Side.module.css";
import { count, duration, plural } from "@/model/format";
import type { ToolDefinition } from "@/model/tool-definitions";
import type { ToolUse } from "@/model/tool-uses";
import styles from "./SpanPanel.module.css";

interface Props {
  readonly offered: readonly ToolDefinition[];
  readonly uses: readonly ToolUse[];
  readonly onSelect: (span: string) => void;
}

/** The tools that were used below this span, and those that the model could choose from. */
export function Tools({ offered, uses, onSelect }: Props) {
  const used = new Map(uses.map((use) => [use.tool, use]));
  return (
    <>
      {uses.length ? <h4 className={side.part}>Used</h4> : null}
      {uses.map((use) => (
        <div key={use.tool} className={styles.use}>
          <KindIcon kind="tool" size={14} />
          <button type="button" className={`${side.link} cut`} onClick={() => onSelect(use.first)}>
            {use.tool || "without a name"}
          </button>
          <span className={`${styles.end} numbers quiet`}>
            {use.errors ? <span className={styles.failed}>{plural(use.errors, "error")}</span> : null}
            <span>{plural(use.calls, "call")}</span>
            <span title="All of them together">{duration(use.took)}</span>
          </span>
        </div>
      ))}
      {offered.length ? <h4 className={side.part}>Offered · {count(offered.length)}</h4> : null}
      {offered.map((tool) => (
        <details key={tool.name} className={styles.tool}>
          <summary>
            <b>{tool.name}</b>
            {used.has(tool.name) ? <span className={styles.new}>used</span> : null}
            <span className="quiet cut">{tool.description.slice(0, 160)}</span>
          </summary>
          {tool.description ? <LongText text={tool.description} /> : null}
          {tool.parameters === undefined ? (
            <p className="quiet">Its parameters are not told.</p>
          ) : (
            <JsonTree value={tool.parameters} open={3} />
          )}
        </details>
      ))}
    </>
  );
}
