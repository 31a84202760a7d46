import { Button, type ButtonProps } from "@mantine/core";
import { createLink } from "@tanstack/react-router";
import type { AnchorHTMLAttributes, Ref } from "react";

type Props = ButtonProps & Omit<AnchorHTMLAttributes<HTMLAnchorElement>, keyof ButtonProps> & { readonly ref?: Ref<HTMLAnchorElement> };

function Anchor(props: Props) {
  return <Button component="a" {...props} />;
}

/** A link to a page that looks like a button; typed as `Link` is. */
export const ButtonLink = createLink(Anchor);
