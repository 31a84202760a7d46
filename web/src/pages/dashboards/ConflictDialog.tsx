import { Button, Modal } from "@mantine/core";
import form from "@/components/Form.module.css";
import { useFocusBack } from "@/components/useFocusBack";

interface Props {
  readonly name: string;
  readonly saving: boolean;
  readonly onCopy: () => void;
  readonly onOverwrite: () => void;
  readonly onTheirs: () => void;
  readonly onClose: () => void;
}

/** Somebody else saved the dashboard meanwhile: nothing is lost, and who changes it decides. */
export function ConflictDialog({ name, saving, onCopy, onOverwrite, onTheirs, onClose }: Props) {
  useFocusBack();
  return (
    <Modal opened onClose={onClose} title="Somebody else changed it meanwhile">
      <div className={form.form}>
        <p>{name} was saved by somebody else after you began to change it. Nothing was overwritten.</p>
        <div className={form.end}>
          <Button variant="default" onClick={onTheirs}>
            Look at theirs, discard mine
          </Button>
          <Button variant="default" loading={saving} onClick={onOverwrite}>
            Overwrite theirs
          </Button>
          <Button data-autofocus loading={saving} onClick={onCopy}>
            Save mine as a copy
          </Button>
        </div>
      </div>
    </Modal>
  );
}
