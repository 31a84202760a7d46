/** Mantine in our shape: small, calm, one accent; the colours of model/colours.ts as CSS variables that every style uses. */
import { type CSSVariablesResolver, createTheme, localStorageColorSchemeManager, type MantineColorsTuple } from "@mantine/core";
import { StayingButton } from "@/components/StayingButton";
import { ACCENT, KINDS, type Pair, STATUSES, SURFACES, TEXTS } from "@/model/colours";

const INDIGO: MantineColorsTuple = [
  "#eeeefd",
  "#e0e0fb",
  "#c7c7f7",
  "#a8a8f3",
  "#9aa2ff",
  "#6360e8",
  "#5b53e8",
  "#4f46e5",
  "#4338ca",
  "#372fa8",
];
const GREY: MantineColorsTuple = [
  "#f1f2f4",
  "#cfd2d8",
  "#979eab",
  "#6b7280",
  "#363a43",
  "#2a2d34",
  "#1e2026",
  "#16171b",
  "#101114",
  "#0b0c0e",
];

export const schemes = localStorageColorSchemeManager({ key: "spyglass-scheme" });

export const theme = createTheme({
  primaryColor: "indigo",
  primaryShade: { light: 7, dark: 5 },
  colors: { indigo: INDIGO, dark: GREY },
  fontFamily: '"Inter Variable", system-ui, -apple-system, "Segoe UI", sans-serif',
  fontFamilyMonospace: "var(--font-mono)",
  fontSizes: { xs: "11px", sm: "12px", md: "13px", lg: "15px", xl: "18px" },
  spacing: { xs: "6px", sm: "10px", md: "14px", lg: "20px", xl: "28px" },
  headings: { fontWeight: "600", sizes: { h1: { fontSize: "20px" }, h2: { fontSize: "15px" }, h3: { fontSize: "13px" } } },
  defaultRadius: 6,
  cursorType: "pointer",
  respectReducedMotion: true,
  components: {
    Button: { defaultProps: { size: "xs", fw: 500, component: StayingButton } },
    ActionIcon: { defaultProps: { variant: "subtle", color: "gray", c: "dimmed", size: 28 } },
    TextInput: { defaultProps: { size: "xs" } },
    Textarea: { defaultProps: { size: "xs" } },
    NativeSelect: { defaultProps: { size: "xs" } },
    Select: { defaultProps: { size: "xs", comboboxProps: { shadow: "md" } } },
    SegmentedControl: { defaultProps: { size: "xs" } },
    Tooltip: { defaultProps: { openDelay: 300, withArrow: false, fz: 12 } },
    Menu: { defaultProps: { shadow: "md", position: "bottom-end", offset: 4 } },
    Popover: { defaultProps: { shadow: "md" } },
    Modal: { defaultProps: { centered: false, overlayProps: { backgroundOpacity: 0.4 } } },
  },
});

export const resolveVariables: CSSVariablesResolver = () => ({
  variables: {},
  light: variables("light"),
  dark: variables("dark"),
});

function variables(scheme: keyof Pair): Record<string, string> {
  return {
    ...named("surface", SURFACES, scheme),
    ...named("text", TEXTS, scheme),
    ...named("status", STATUSES, scheme),
    ...named("kind", KINDS, scheme),
    "--accent": ACCENT[scheme],
    "--mantine-color-body": SURFACES.panel[scheme],
    "--mantine-color-text": TEXTS.normal[scheme],
    "--mantine-color-dimmed": TEXTS.quiet[scheme],
    "--mantine-color-placeholder": TEXTS.quiet[scheme],
    "--mantine-color-error": STATUSES.error[scheme],
    "--mantine-color-default-border": "var(--line-strong)",
    "--mantine-color-anchor": ACCENT[scheme],
  };
}

function named(prefix: string, colours: Readonly<Record<string, Pair>>, scheme: keyof Pair): Record<string, string> {
  return Object.fromEntries(Object.entries(colours).map(([name, pair]) => [`--${prefix}-${name}`, pair[scheme]]));
}
