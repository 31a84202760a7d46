import { type RefObject, useEffect, useRef } from "react";

/** For a form that comes after its dialog, which has looked for a field by then: the first one has the focus. */
export function useFirstField(): RefObject<HTMLFormElement | null> {
  const form = useRef<HTMLFormElement>(null);
  useEffect(() => {
    const first = form.current?.querySelector<HTMLElement>(":is(input, select, textarea):not(:disabled)");
    first?.setAttribute("data-autofocus", "true"); // the dialog looks for it where both come together
    first?.focus();
  }, []);
  return form;
}
