import { Button, Modal, PasswordInput } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useEffect, useState } from "react";
import { writeKey } from "@/data/key";
import { ApiError } from "@/data/problem";
import styles from "./AbsoluteRange.module.css";

/** Asks for the API key as soon as the server wants one. */
export function KeyPrompt() {
  const queries = useQueryClient();
  const [wanted, setWanted] = useState(false);
  const [key, setKey] = useState("");
  useEffect(
    () =>
      queries.getQueryCache().subscribe((event) => {
        const error = event.query.state.error;
        if (event.type === "updated" && error instanceof ApiError && error.status === 401) setWanted(true);
      }),
    [queries],
  );
  const submit = (event: FormEvent) => {
    event.preventDefault();
    writeKey(key.trim());
    setWanted(false);
    void queries.resetQueries();
  };
  return (
    <Modal
      opened={wanted}
      onClose={() => setWanted(false)}
      title="This server wants an API key"
      size={380}
      closeButtonProps={{ "aria-label": "Close" }}
    >
      <form className={styles.form} onSubmit={submit}>
        <PasswordInput
          label="API key"
          description="Kept until this tab is closed."
          value={key}
          onChange={(event) => setKey(event.currentTarget.value)}
          data-autofocus
        />
        <Button type="submit" disabled={!key.trim()}>
          Continue
        </Button>
      </form>
    </Modal>
  );
}
