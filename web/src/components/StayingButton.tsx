import type { ComponentPropsWithRef, MouseEvent } from "react";

interface Props extends ComponentPropsWithRef<"button"> {
  readonly "data-loading"?: boolean;
  readonly "data-disabled"?: boolean;
}

/**
 * The element of every button: while it waits for an answer it does nothing, but stays where the keyboard is. Mantine switches such a button off,
 * and browsers take the focus from what is switched off, so that the next Tab begins at the top of the page.
 */
export function StayingButton({ type = "button", disabled, onClick, ...props }: Props) {
  const waits = props["data-loading"] === true && props["data-disabled"] !== true;
  const nothing = (event: MouseEvent<HTMLButtonElement>) => {
    event.preventDefault(); // Enter in a field presses the button that sends its form
    event.stopPropagation();
  };
  return (
    <button
      {...props}
      type={type} // Mantine tells none to what is no plain button: without one it would send the form around it
      {...(waits ? { "aria-disabled": true, "aria-busy": true, onClick: nothing } : { disabled, onClick })}
    />
  );
}
