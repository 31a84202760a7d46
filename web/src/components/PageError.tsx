import { Button } from "@mantine/core";
import { type ErrorComponentProps, useRouter } from "@tanstack/react-router";
import { Empty } from "./Empty";

/** What a page shows when drawing it failed; the rest of the app goes on. */
export function PageError({ error, reset }: ErrorComponentProps) {
  const router = useRouter();
  const again = () => {
    reset();
    void router.invalidate();
  };
  return (
    <Empty title="This page failed" action={<Button onClick={again}>Try again</Button>}>
      <span className="mono">{error instanceof Error ? error.message : String(error)}</span>
    </Empty>
  );
}
