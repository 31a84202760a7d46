import { Button, type ButtonProps } from "@mantine/core";
import { useState } from "react";

interface Props extends Pick<ButtonProps, "mr"> {
  readonly busy: boolean;
  readonly onDelete: () => void;
}

/** Deletes at the second click; who goes elsewhere with the focus did not mean it. */
export function DeleteButton({ busy, onDelete, ...look }: Props) {
  const [asked, ask] = useState(false);
  return (
    <Button {...look} variant="default" loading={busy} onBlur={() => ask(false)} onClick={() => (asked ? onDelete() : ask(true))}>
      {asked ? "Really delete it" : "Delete"}
    </Button>
  );
}
