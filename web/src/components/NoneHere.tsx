import { Button } from "@mantine/core";
import type { ReactNode } from "react";
import { useScope } from "@/app/scope";
import { rangeLabel } from "@/model/time-range";
import { ButtonLink } from "./ButtonLink";
import { Empty } from "./Empty";

interface Props {
  readonly of: "agent" | "execution" | "session";
  /** What was asked that nothing answers to; null: nothing was. */
  readonly asked: "filters" | "search" | null;
  readonly onClear: () => void;
  /** Why there is none, where nothing was asked. */
  readonly children: ReactNode;
}

/** A list without rows: why, and what to do. */
export function NoneHere({ of, asked, onClear, children }: Props) {
  const scope = useScope();
  const where = `Nothing in project ${scope.project}, ${rangeLabel(scope).toLowerCase()}.`;
  if (asked)
    return (
      <Empty title={`No ${of} matches`} action={<Button onClick={onClear}>{`Clear the ${asked}`}</Button>}>
        {where}
      </Empty>
    );
  return (
    <Empty title={`No ${of}s here`} action={<ButtonLink to="/start">Connect an agent</ButtonLink>}>
      {where} {children}
    </Empty>
  );
}
