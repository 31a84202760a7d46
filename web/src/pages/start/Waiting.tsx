import { IconArrowRight } from "@tabler/icons-react";
import { ButtonLink } from "@/components/ButtonLink";
import { KindIcon } from "@/components/KindIcon";
import { plural } from "@/model/format";
import { useFirstSpan } from "./useFirstSpan";
import styles from "./Waiting.module.css";

/** Waits for the first span, says so when it comes, and leads to it. */
export function Waiting({ project }: { readonly project: string }) {
  const { span, seen, state } = useFirstSpan(project);
  if (!span) {
    const listening = state.status === "open";
    return (
      <div className={styles.box} role="status">
        <span className={styles.ring} data-on={listening} aria-hidden />
        <span>
          {listening ? "Listening. The first span shows up here the moment it arrives." : "Connecting to the server…"}
          <span className="quiet"> Project {project}.</span>
        </span>
      </div>
    );
  }
  return (
    <div className={styles.box} data-arrived role="status">
      <KindIcon kind={span.kind ?? "span"} size={18} />
      <span className={styles.told}>
        <b>{plural(seen, "span")} arrived</b>
        <span className="quiet">
          {" "}
          · {span.name} from {span.agent || span.service || "an unnamed service"}
        </span>
      </span>
      <ButtonLink to="/traces/$traceId" params={{ traceId: span.trace_id ?? "" }} rightSection={<IconArrowRight size={14} />}>
        Open the trace
      </ButtonLink>
    </div>
  );
}
