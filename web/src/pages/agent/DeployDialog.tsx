import { Autocomplete, Modal, NativeSelect, TextInput } from "@mantine/core";
import { type FormEvent, useState } from "react";
import { useScope } from "@/app/scope";
import form from "@/components/Form.module.css";
import { FormEnd } from "@/components/FormEnd";
import { useFocusBack } from "@/components/useFocusBack";
import { type Configuration, type Deployment, type DeploymentStep, useChangeConfiguration, type Wish } from "@/data/queries/registry";
import { readWho, writeWho } from "@/data/who";

export interface Act {
  readonly do: "deploy" | "rollback" | "pin" | "unpin";
  /** What the environment runs, as it was seen; null: any environment is to be chosen. */
  readonly deployment: Deployment | null;
}

interface Props {
  readonly agent: string;
  readonly act: Act;
  readonly configurations: readonly Configuration[];
  readonly deployments: readonly Deployment[];
  readonly steps: readonly DeploymentStep[];
  readonly onClose: () => void;
}

const TITLES = { deploy: "Deploy", rollback: "Roll back", pin: "Pin", unpin: "Unpin" } as const;
const USUAL = ["production", "staging"] as const;

/** Asks what is to be done, by whom and why. The revision that was seen goes along: where somebody else was first, it is refused and told. */
export function DeployDialog({ agent, act, configurations, deployments, steps, onClose }: Props) {
  useFocusBack();
  const { project } = useScope();
  const change = useChangeConfiguration(project, agent);
  const [environment, setEnvironment] = useState(act.deployment?.environment ?? "");
  const seen = deployments.find((one) => one.environment === environment.trim());
  const ran = [...new Set(steps.filter((step) => step.environment === environment).map((step) => step.number))];
  const offered = configurations.filter((one) => one.number !== seen?.number && (act.do !== "rollback" || ran.includes(one.number)));
  const [picked, pick] = useState("");
  const [who, setWho] = useState(readWho);
  const [why, setWhy] = useState("");
  const version = offered.some((one) => String(one.number) === picked)
    ? picked
    : act.do === "deploy"
      ? String(offered[0]?.number ?? "")
      : "";
  const ready = environment.trim() !== "" && (act.do !== "deploy" || version !== "") && (act.do !== "rollback" || why.trim() !== "");
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (!ready) return;
    writeWho(who.trim());
    const told = { environment: environment.trim(), who: who.trim(), why: why.trim() };
    const revision = seen?.revision ?? 0;
    const wish: Wish =
      act.do === "deploy"
        ? { do: "deploy", ...told, version: Number(version), ...(seen ? { revision } : {}) }
        : act.do === "rollback"
          ? { do: "rollback", ...told, revision, ...(version ? { to: Number(version) } : {}) }
          : { do: act.do, ...told, revision };
    change.mutate(wish, { onSuccess: onClose });
  };
  const names = [...new Set([...deployments.map((one) => one.environment), ...USUAL])];
  const options = offered.map((one) => ({
    value: String(one.number),
    label: `${one.number}${one.comment ? `: ${one.comment}` : ""}`.slice(0, 80),
  }));
  return (
    <Modal
      opened
      onClose={onClose}
      title={`${TITLES[act.do]}${act.deployment ? ` ${act.deployment.environment}` : ""}`}
      size={420}
      transitionProps={{ duration: 80 }}
    >
      <form onSubmit={submit} className={form.form}>
        {act.deployment ? null : (
          <Autocomplete
            data-autofocus
            label="Environment"
            data={names}
            value={environment}
            maxLength={128}
            onChange={setEnvironment}
            comboboxProps={{ transitionProps: { duration: 0 } }}
          />
        )}
        {act.do === "deploy" || act.do === "rollback" ? (
          <NativeSelect
            label="Configuration"
            value={version}
            data={act.do === "rollback" ? [{ value: "", label: "the one before" }, ...options] : options}
            onChange={(event) => pick(event.currentTarget.value)}
          />
        ) : null}
        <TextInput
          {...(act.deployment ? { "data-autofocus": true } : {})}
          label="Why"
          value={why}
          maxLength={2000}
          required={act.do === "rollback"}
          onChange={(event) => setWhy(event.currentTarget.value)}
        />
        <TextInput label="Who" value={who} maxLength={256} onChange={(event) => setWho(event.currentTarget.value)} />
        {act.do === "pin" ? <p className="quiet">Until it is unpinned, nothing is deployed or rolled back there.</p> : null}
        <FormEnd button={TITLES[act.do]} busy={change.isPending} error={change.error} disabled={!ready} onClose={onClose} />
      </form>
    </Modal>
  );
}
