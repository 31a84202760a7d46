import type { ReactNode } from "react";
import { Snippet } from "@/components/Snippet";
import { curl, type Field, type Operation } from "@/model/openapi";
import styles from "./ReferencePage.module.css";

/** One operation; opened it tells its parameters, its answer, and a request to copy. */
export function OperationCard({ operation }: { readonly operation: Operation }) {
  const given: readonly Field[] = operation.parameters.map((one) => ({ ...one, name: one.required ? `${one.name} *` : one.name }));
  return (
    <details className={styles.operation}>
      <summary className={styles.summary}>
        <span className={`${styles.method} mono`} data-method={operation.method}>
          {operation.method.toUpperCase()}
        </span>
        <span className={`${styles.path} mono`}>{operation.path}</span>
        <span className={`${styles.about} cut`}>{operation.summary}</span>
      </summary>
      <div className={styles.body}>
        <p>{withCode(operation.about)}</p>
        <Snippet code={curl(location.origin, operation)} label={`Request ${operation.path}`} />
        <Fields title="Parameters" fields={given} />
        <Fields title="Answer" fields={operation.answer} />
        <Fields title="Each item" fields={operation.item} />
      </div>
    </details>
  );
}

/** What stands in backticks as code. */
function withCode(text: string): ReactNode {
  const parts = text.split(/`([^`]+)`/);
  return parts.map((part, at) =>
    // biome-ignore lint/suspicious/noArrayIndexKey: parts of a text that stays
    at % 2 ? <code key={at}>{part}</code> : part,
  );
}

function Fields({ title, fields }: { readonly title: string; readonly fields: readonly Field[] }) {
  if (!fields.length) return null;
  return (
    <table className={styles.fields}>
      <caption>{title}</caption>
      <tbody>
        {fields.map((field) => (
          <tr key={field.name}>
            <th scope="row" className="mono">
              {field.name}
            </th>
            <td className="quiet">{field.type}</td>
            <td>{withCode(field.about)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
