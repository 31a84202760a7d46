import { type KeyboardEvent, type PointerEvent, useState } from "react";
import { useChartKeys } from "./useChartKeys";

interface Zoom {
  readonly drag: readonly [number, number] | null;
  readonly props: {
    readonly onPointerDown: (event: PointerEvent<HTMLElement>) => void;
    readonly onPointerMove: (event: PointerEvent<HTMLElement>) => void;
    readonly onPointerUp: () => void;
    readonly onPointerCancel: () => void;
    readonly onPointerLeave: () => void;
    readonly onKeyDown: (event: KeyboardEvent<HTMLElement>) => void;
    readonly onBlur: () => void;
  };
}

/** Bars of a small chart under pointer and keys: hover or arrows tell one, a drag or Shift and arrows take a range, letting go or Enter zooms into it. */
export function useBarZoom(
  bars: number,
  hovered: number | null,
  onHover: (at: number | null) => void,
  onZoom: (from: number, to: number) => void,
): Zoom {
  const [drag, setDrag] = useState<readonly [number, number] | null>(null);
  const within = (at: number) => Math.min(bars - 1, Math.max(0, at));
  const barAt = (event: PointerEvent<HTMLElement>) => {
    const box = event.currentTarget.getBoundingClientRect();
    return within(Math.floor(((event.clientX - box.left) / box.width) * bars));
  };
  useChartKeys(bars > 0, true);
  const press = (event: KeyboardEvent<HTMLElement>) => {
    const step = { ArrowLeft: -1, ArrowRight: 1, Home: -Infinity, End: Infinity }[event.key];
    if (step !== undefined && bars) {
      const before = hovered ?? (step > 0 ? -1 : bars);
      const next = within(before + step);
      onHover(next);
      setDrag(event.shiftKey ? [drag?.[0] ?? within(before), next] : null);
    } else if (event.key === "Enter" && (drag || hovered !== null)) {
      const [from, to] = drag ?? [hovered ?? 0, hovered ?? 0];
      setDrag(null);
      onZoom(Math.min(from, to), Math.max(from, to));
    } else if (event.key === "Escape" && (drag || hovered !== null)) {
      setDrag(null);
      onHover(null);
    } else return;
    event.preventDefault();
  };
  return {
    drag,
    props: {
      onPointerDown: (event) => {
        if (!bars) return;
        event.currentTarget.setPointerCapture(event.pointerId);
        setDrag([barAt(event), barAt(event)]);
      },
      onPointerMove: (event) => {
        if (!bars) return;
        onHover(barAt(event));
        if (drag && event.buttons) setDrag([drag[0], barAt(event)]);
      },
      onPointerUp: () => {
        setDrag(null);
        if (drag && drag[0] !== drag[1]) onZoom(Math.min(...drag), Math.max(...drag));
      },
      onPointerCancel: () => setDrag(null),
      onPointerLeave: () => onHover(null),
      onKeyDown: press,
      onBlur: () => {
        setDrag(null);
        onHover(null);
      },
    },
  };
}
