/** What the API answers, from its own description: no page of strangers, nothing from outside. */
import { TextInput } from "@mantine/core";
import { IconSearch } from "@tabler/icons-react";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { useMemo } from "react";
import { Empty } from "@/components/Empty";
import { Failed } from "@/components/Failed";
import { Skeleton } from "@/components/Skeleton";
import { useReference } from "@/data/queries/reference";
import { findOperations, operations } from "@/model/openapi";
import { OperationCard } from "./OperationCard";
import styles from "./ReferencePage.module.css";

export function ReferencePage() {
  const { find = "" } = useSearch({ from: "/shell/docs" });
  const navigate = useNavigate();
  const reference = useReference();
  const all = useMemo(() => operations(reference.data), [reference.data]);
  const found = findOperations(all, find);
  if (reference.error && !reference.data) return <Failed of={reference} />;
  if (reference.isPending) return <Skeleton rows={12} height={36} />;
  return (
    <div className={styles.page}>
      <div className={styles.head}>
        <TextInput
          value={find}
          onChange={(event) => void navigate({ to: "/docs", search: { find: event.currentTarget.value || undefined }, replace: true })}
          placeholder="Find a path or a parameter"
          aria-label="Find a path or a parameter"
          leftSection={<IconSearch size={14} />}
        />
        <span className="quiet">
          For clients: <a href="/openapi.json">openapi.json</a>
        </span>
      </div>
      {found.map((operation) => (
        <OperationCard key={operation.id} operation={operation} />
      ))}
      {reference.isSuccess && !found.length ? <Empty title="Nothing speaks of that" /> : null}
    </div>
  );
}
