import { Modal, TextInput } from "@mantine/core";
import { type FormEvent, useState } from "react";
import { useScope } from "@/app/scope";
import form from "@/components/Form.module.css";
import { FormEnd } from "@/components/FormEnd";
import { useFocusBack } from "@/components/useFocusBack";
import { asApiError } from "@/data/problem";
import { type SavedThing, useChangeSaved } from "@/data/queries/saved";

export type ViewAction = { readonly do: "save" } | { readonly do: "rename" | "delete"; readonly view: SavedThing };

interface Props {
  readonly action: ViewAction;
  readonly page: string;
  readonly search: Readonly<Record<string, unknown>>;
  readonly views: readonly SavedThing[];
  readonly onClose: () => void;
}

const TITLES = { save: "Save this view", rename: "Rename the view", delete: "Delete the view" } as const;

/** Asks for the name of a view, or whether it is to go; what somebody else changed meanwhile is told, and nothing is overwritten. */
export function ViewDialog({ action, page, search, views, onClose }: Props) {
  useFocusBack();
  const { project } = useScope();
  const { save, remove } = useChangeSaved(project, "views");
  const seen = action.do === "save" ? null : action.view;
  const [name, setName] = useState(seen?.name ?? "");
  const error = save.error ?? remove.error;
  const conflict = error !== null && asApiError(error).status === 409;
  const now = views.find((one) => one.id === seen?.id);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (action.do === "delete") return remove.mutate(action.view.id, { onSuccess: onClose });
    if (conflict && now && action.do === "rename")
      return save.mutate({ name: name.trim(), body: now.body, before: { id: now.id, version: now.version } }, { onSuccess: onClose });
    const body = seen ? seen.body : { page, search: { ...search } };
    save.mutate({ name: name.trim(), body, ...(seen ? { before: seen } : {}) }, { onSuccess: onClose });
  };
  return (
    <Modal opened onClose={onClose} title={TITLES[action.do]} size={400} transitionProps={{ duration: 80 }}>
      <form onSubmit={submit} className={form.form}>
        {action.do === "delete" ? (
          <p>
            <b>{action.view.name}</b> is deleted for everybody of project {project}.
          </p>
        ) : (
          <TextInput
            data-autofocus
            label="Name"
            value={name}
            maxLength={200}
            onChange={(event) => setName(event.currentTarget.value)}
            {...(seen ? {} : { description: "Everybody of the project sees it. It keeps search, columns, order and time." })}
          />
        )}
        {conflict && now ? (
          <p className="quiet">
            Somebody changed it meanwhile: it is called <b>{now.name}</b> now.
          </p>
        ) : null}
        <FormEnd
          button={action.do === "delete" ? "Delete" : conflict && now ? "Rename it all the same" : "Save"}
          busy={save.isPending || remove.isPending}
          error={error}
          disabled={action.do !== "delete" && !name.trim()}
          onClose={onClose}
        />
      </form>
    </Modal>
  );
}
