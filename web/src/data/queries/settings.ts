import { useQuery } from "@tanstack/react-query";
import { get, type Schemas } from "../client";

export type Setting = Schemas["SettingItem"];

/** The settings in force; they change with a restart only. */
export function useSettings() {
  return useQuery({ queryKey: ["settings"], queryFn: ({ signal }) => get("/api/v1/settings", { signal }), staleTime: 60_000 });
}
