import { Button } from "@mantine/core";
import { IconAlertTriangle } from "@tabler/icons-react";
import styles from "./Problem.module.css";

interface Props {
  readonly error: Error;
  readonly onRetry?: () => void;
}

/** A request that failed, in the server's words, above what is still shown. */
export function Problem({ error, onRetry }: Props) {
  return (
    <div className={styles.problem} role="alert">
      <IconAlertTriangle size={16} aria-hidden />
      <span className={styles.detail}>{error.message}</span>
      {onRetry ? (
        <Button variant="default" size="compact-xs" onClick={onRetry}>
          Try again
        </Button>
      ) : null}
    </div>
  );
}
