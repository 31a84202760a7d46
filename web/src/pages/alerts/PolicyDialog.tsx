import { Modal } from "@mantine/core";
import { Failed } from "@/components/Failed";
import { Skeleton } from "@/components/Skeleton";
import { useFocusBack } from "@/components/useFocusBack";
import { useSchemas } from "@/data/queries/channels";
import type { Policy } from "@/data/queries/policies";
import { PolicyForm } from "./PolicyForm";

interface Props {
  /** Null: a new one. */
  readonly policy: Policy | null;
  /** Whether the operator lets policies act. */
  readonly allowed: boolean;
  readonly onClose: () => void;
}

/** A policy's form, made of what the API's description says of policies. */
export function PolicyDialog({ policy, allowed, onClose }: Props) {
  useFocusBack();
  const schemas = useSchemas(true);
  return (
    <Modal opened onClose={onClose} title={policy ? `Policy ${policy.name}` : "New policy"} size={560} transitionProps={{ duration: 80 }}>
      <Failed of={schemas} />
      {schemas.data ? (
        <PolicyForm policy={policy} allowed={allowed} schemas={schemas.data} onClose={onClose} />
      ) : (
        <Skeleton rows={5} height={48} />
      )}
    </Modal>
  );
}
