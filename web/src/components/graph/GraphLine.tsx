import { BaseEdge, type EdgeProps } from "@xyflow/react";
import type { Route } from "./place";

/** A line of a graph on the way that was found for it, and its words where they hide nothing. */
export function GraphLine({ data = {}, label, labelStyle = {}, labelBgStyle = {}, markerEnd = "", style = {} }: EdgeProps) {
  const { path, label: at } = data["route"] as Route;
  return (
    <BaseEdge
      path={path}
      label={label}
      labelX={at.x}
      labelY={at.y}
      labelShowBg
      labelStyle={labelStyle}
      labelBgStyle={labelBgStyle}
      markerEnd={markerEnd}
      style={style}
    />
  );
}
