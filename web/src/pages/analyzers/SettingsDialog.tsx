import { Modal, Textarea } from "@mantine/core";
import { type FormEvent, useState } from "react";
import form from "@/components/Form.module.css";
import { FormEnd } from "@/components/FormEnd";
import { useFocusBack } from "@/components/useFocusBack";
import { type Analyzer, useChangeAnalyzer } from "@/data/queries/analyzers";
import { hidesSecret } from "@/model/analyzers";
import { readObject } from "@/model/json-object";

interface Props {
  readonly analyzer: Analyzer;
  readonly onClose: () => void;
}

/** All settings of an analyzer, to be changed while it runs; what it remembers stays. */
export function SettingsDialog({ analyzer, onClose }: Props) {
  useFocusBack();
  const change = useChangeAnalyzer();
  const [text, setText] = useState(() => JSON.stringify(analyzer.values, null, 2));
  const read = readObject(text);
  const mistake =
    read.mistake || (read.value && hidesSecret(read.value) ? "Stars hide a secret: write it anew, or leave the line out." : "");
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (read.value && !mistake) change.mutate({ name: analyzer.name, settings: read.value }, { onSuccess: onClose });
  };
  return (
    <Modal opened onClose={onClose} title={`Settings of ${analyzer.name}`} size={560} transitionProps={{ duration: 80 }}>
      <form onSubmit={submit} className={form.form}>
        <Textarea
          data-autofocus
          label="JSON object"
          description="They hold until the server is started again; what is left out gets its usual value."
          value={text}
          rows={10}
          spellCheck={false}
          classNames={{ input: "mono" }}
          error={mistake || undefined}
          onChange={(event) => setText(event.currentTarget.value)}
        />
        <FormEnd button="Set" busy={change.isPending} error={change.error} disabled={mistake !== ""} onClose={onClose} />
      </form>
    </Modal>
  );
}
