import { Button } from "@mantine/core";
import { DeleteButton } from "./DeleteButton";
import styles from "./Form.module.css";
import { Problem } from "./Problem";

interface Props {
  /** What sends the form. */
  readonly button: string;
  readonly busy: boolean;
  readonly error: Error | null;
  readonly disabled?: boolean;
  readonly onClose: () => void;
  /** Left out: there is nothing to delete yet. Asked for twice. */
  readonly onDelete?: (() => void) | undefined;
}

/** The end of a form in a dialog: what went wrong, and the buttons. */
export function FormEnd({ button, busy, error, disabled = false, onClose, onDelete }: Props) {
  return (
    <>
      {error ? <Problem error={error} /> : null}
      <div className={styles.end}>
        {onDelete ? <DeleteButton mr="auto" busy={busy} onDelete={onDelete} /> : null}
        <Button variant="default" onClick={onClose}>
          Cancel
        </Button>
        <Button type="submit" loading={busy} disabled={disabled}>
          {button}
        </Button>
      </div>
    </>
  );
}
