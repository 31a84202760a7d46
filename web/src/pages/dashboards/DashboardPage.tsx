/** One dashboard: looked at, changed, saved. A change that somebody else made meanwhile is told, never overwritten. */
import { Button, TextInput } from "@mantine/core";
import { useNavigate, useParams } from "@tanstack/react-router";
import { useEffect, useRef, useState } from "react";
import { useScope } from "@/app/scope";
import { useNamed } from "@/app/title";
import { ButtonLink } from "@/components/ButtonLink";
import { DeleteButton } from "@/components/DeleteButton";
import { Empty } from "@/components/Empty";
import { Failed } from "@/components/Failed";
import { asApiError } from "@/data/problem";
import { type SavedThing, useChangeSaved, useSaved } from "@/data/queries/saved";
import { NEW_PANEL, type Panel, panelsOf, READY_MADE } from "@/model/dashboards";
import { below } from "@/model/grid";
import { ConflictDialog } from "./ConflictDialog";
import styles from "./Dashboard.module.css";
import { Grid } from "./Grid";
import { PanelForm } from "./PanelForm";
import { type Draft, useDraft } from "./useDraft";

export function DashboardPage() {
  const { id } = useParams({ from: "/shell/dashboards/$id" });
  const { project } = useScope();
  const saved = useSaved(project, "dashboards");
  const { save, remove } = useChangeSaved(project, "dashboards");
  const navigate = useNavigate();
  const [draft, setDraft] = useDraft(project, id);
  const changer = useFocusAfter(draft !== null);
  const [edited, setEdited] = useState<number | null>(null); // a panel that there is not yet: a new one
  const ready = READY_MADE.find((one) => one.id === id);
  const one = saved.data?.items.find((item) => item.id === id);
  const body = ready ?? (one && "description" in one.body ? one.body : undefined);
  const name = ready?.name ?? one?.name ?? "";
  useNamed(name);
  if (!body)
    return saved.data === undefined ? (
      <Failed of={saved} />
    ) : (
      <Empty title="There is no such dashboard" action={<ButtonLink to="/dashboards">All dashboards</ButtonLink>}>
        It may have been deleted, or be of another project.
      </Empty>
    );
  const panels = draft?.panels ?? panelsOf(body);
  const keep = (made: unknown) => {
    setDraft(null);
    void navigate({ to: "/dashboards/$id", params: { id: (made as SavedThing).id } });
  };
  const write = (what: Draft, before?: { id: string; version: number }) =>
    save.mutate(
      {
        name: what.name.trim() || "Untitled",
        body: { description: what.description.trim(), panels: what.panels.map(plain) },
        ...(before ? { before } : {}),
      },
      { onSuccess: keep },
    );
  const begin = () => setDraft({ name, description: body.description ?? "", panels, version: one?.version ?? 0 });
  const failed = save.error ? asApiError(save.error) : remove.error ? asApiError(remove.error) : null;
  const conflict = save.error !== null && failed?.status === 409;
  const settle = (panel: Panel) => {
    if (!draft || edited === null) return;
    const added = draft.panels[edited] === undefined;
    const next = added
      ? [...draft.panels, { ...panel, y: below(draft.panels) }]
      : draft.panels.map((was, at) => (at === edited ? panel : was));
    setDraft({ ...draft, panels: next });
    setEdited(null);
  };
  return (
    <>
      <div className={styles.bar}>
        {draft ? (
          <>
            <TextInput
              aria-label="Name"
              maxLength={200}
              value={draft.name}
              onChange={(event) => setDraft({ ...draft, name: event.currentTarget.value })}
            />
            <TextInput
              aria-label="Description"
              placeholder="What it is for"
              className={styles.about ?? ""}
              maxLength={1000}
              value={draft.description}
              onChange={(event) => setDraft({ ...draft, description: event.currentTarget.value })}
            />
          </>
        ) : (
          <>
            <b>{name}</b>
            <span className="quiet cut">{body.description}</span>
          </>
        )}
        <span className={styles.end}>
          {draft ? (
            <>
              <Button variant="default" onClick={() => setEdited(draft.panels.length)}>
                Add a panel
              </Button>
              <Button variant="default" onClick={() => setDraft(null)}>
                Discard
              </Button>
              <Button loading={save.isPending} onClick={() => write(draft, one ? { id: one.id, version: draft.version } : undefined)}>
                Save
              </Button>
            </>
          ) : (
            <>
              <ButtonLink variant="default" to="/embed/dashboards/$id" params={{ id }} target="_blank">
                Without chrome
              </ButtonLink>
              {one ? (
                <DeleteButton
                  busy={remove.isPending}
                  onDelete={() => remove.mutate(one.id, { onSuccess: () => void navigate({ to: "/dashboards" }) })}
                />
              ) : null}
              <Button
                ref={changer}
                onClick={
                  ready ? () => write({ name: `${name} (copy)`, description: ready.description, panels: ready.panels, version: 0 }) : begin
                }
              >
                {ready ? "Save a copy" : "Change"}
              </Button>
            </>
          )}
        </span>
      </div>
      {failed && !conflict ? (
        <div className={styles.conflict} role="alert">
          {failed.message}
        </div>
      ) : null}
      {draft && one && conflict ? (
        <ConflictDialog
          name={name}
          saving={save.isPending}
          onCopy={() => write({ ...draft, name: `${draft.name} (mine)` })}
          onOverwrite={() => write(draft, { id: one.id, version: one.version })}
          onTheirs={() => {
            setDraft(null);
            save.reset();
          }}
          onClose={save.reset}
        />
      ) : null}
      {panels.length === 0 ? (
        <Empty title="No panels yet" action={draft ? undefined : <Button onClick={begin}>Change</Button>}>
          Add the first one.
        </Empty>
      ) : (
        <Grid panels={panels} onChange={draft ? (next) => setDraft({ ...draft, panels: next }) : undefined} onEdit={setEdited} />
      )}
      {draft && edited !== null ? (
        <PanelForm panel={draft.panels[edited] ?? NEW_PANEL} onSave={settle} onClose={() => setEdited(null)} />
      ) : null}
    </>
  );
}

function plain(panel: Panel) {
  return { ...panel, group_by: [...panel.group_by] };
}

/** Saving is a button that waits, which takes the focus from it: what follows has it then. */
function useFocusAfter(changing: boolean) {
  const button = useRef<HTMLButtonElement>(null);
  const was = useRef(changing);
  useEffect(() => {
    if (was.current && !changing && document.activeElement === document.body) button.current?.focus();
    was.current = changing;
  }, [changing]);
  return button;
}
