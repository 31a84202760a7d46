import { useKeys } from "@/app/keys";
import { Side } from "@/components/side/Side";
import type { Finding } from "@/data/queries/findings";
import { PANEL_PX } from "@/model/trace-search";
import { FindingPanel } from "./FindingPanel";

interface Props {
  readonly fingerprint: string;
  readonly listed: readonly Finding[];
  readonly width: number | undefined;
  /** What it changes of the address; `replace`: that is no step of its own. */
  readonly onChange: (search: { finding?: undefined; panel?: number | undefined }, replace?: boolean) => void;
}

/** The finding that is open, beside the list; Escape closes it. */
export function FindingSide({ fingerprint, listed, width = PANEL_PX.usual, onChange }: Props) {
  const close = () => onChange({ finding: undefined });
  useKeys([{ keys: "Escape", label: "Close the finding", group: "This page", run: close }]);
  return (
    <Side label="Finding" width={width} onWidth={(px) => onChange({ panel: px === PANEL_PX.usual ? undefined : px }, true)} onClose={close}>
      <FindingPanel
        key={fingerprint}
        fingerprint={fingerprint}
        listed={listed.find((one) => one.fingerprint === fingerprint)}
        onClose={close}
      />
    </Side>
  );
}
