import { type CSSVariablesResolver, createTheme, type MantineColorsTuple } from "@mantine/core";

/* Mantine paints with tokens.css alone. Its palettes become names for tokens, so that whatever a component asks for,
   the answer is a colour of ours, right in light and in dark. */

const token = (name: string) => `var(--${name})`;
const one = (name: string): MantineColorsTuple => Array.from({ length: 10 }, () => token(name)) as unknown as MantineColorsTuple;
const many = (...names: string[]): MantineColorsTuple => names.map(token) as unknown as MantineColorsTuple;

export const theme = createTheme({
  primaryColor: "accent",
  primaryShade: 6,
  autoContrast: false,
  cursorType: "pointer",
  respectReducedMotion: true,
  focusRing: "auto",
  defaultRadius: "md",
  fontFamily: token("font-ui"),
  fontFamilyMonospace: token("font-mono"),
  headings: { fontFamily: token("font-ui"), fontWeight: "550" },
  white: token("surface"),
  black: token("text"),
  colors: {
    accent: one("accent-solid"),
    bad: one("bad-solid"),
    ok: one("ok"),
    warn: one("warn"),
    red: one("bad"),
    blue: one("accent"),
    gray: many("sunken", "hover", "hover", "line", "line-strong", "text-3", "text-3", "text-2", "text", "text"),
    dark: many("text", "text-2", "text-3", "text-3", "line", "hover", "surface", "bg", "sunken", "sunken"),
  },
  spacing: { xs: token("space-2"), sm: token("space-3"), md: token("space-4"), lg: token("space-5"), xl: token("space-6") },
  radius: { xs: "4px", sm: "6px", md: token("radius-control"), lg: token("radius-card"), xl: token("radius-dialog") },
  shadows: {
    xs: token("lift-1"),
    sm: token("lift-1"),
    md: token("lift-2"),
    lg: token("lift-2"),
    xl: token("lift-3"),
  },
  fontSizes: { xs: ".75rem", sm: ".8125rem", md: ".9375rem", lg: "1.0625rem", xl: "1.125rem" },
  lineHeights: { xs: "1.4", sm: "1.45", md: "1.5", lg: "1.6", xl: "1.4" },
  breakpoints: { xs: "30em", sm: "40em", md: "60em", lg: "80em", xl: "90em" },
  components: {
    Button: { defaultProps: { size: "sm" } },
    ActionIcon: { defaultProps: { variant: "subtle", color: "gray", size: 36 } },
    TextInput: { defaultProps: { size: "sm" } },
    PasswordInput: { defaultProps: { size: "sm" } },
    NumberInput: { defaultProps: { size: "sm", hideControls: true } },
    Textarea: { defaultProps: { size: "sm" } },
    Select: { defaultProps: { size: "sm", checkIconPosition: "right" } },
    MultiSelect: { defaultProps: { size: "sm", checkIconPosition: "right" } },
    ModalRoot: { defaultProps: { radius: "xl", padding: "lg", transitionProps: { transition: "fade", duration: 180 } } },
    ModalOverlay: { defaultProps: { backgroundOpacity: 1, color: token("scrim") } },
    DrawerRoot: { defaultProps: { transitionProps: { duration: 240 } } },
    DrawerOverlay: { defaultProps: { backgroundOpacity: 1, color: token("scrim") } },
    Menu: { defaultProps: { withinPortal: false, floatingStrategy: "fixed", withInitialFocusPlaceholder: false, shadow: "md", radius: "md", offset: 6, transitionProps: { transition: "fade", duration: 120 } } },
    Popover: { defaultProps: { shadow: "md", radius: "md" } },
    Tooltip: {
      defaultProps: {
        openDelay: 150,
        radius: "sm",
        events: { hover: true, focus: true, touch: true },
        transitionProps: { transition: "fade", duration: 120 },
        // What it says belongs to its control, whose description it is: nobody meets it by itself at the end of the page.
        "aria-hidden": true,
      },
    },
    Card: { defaultProps: { withBorder: true, radius: "lg", padding: "lg" } },
    Paper: { defaultProps: { radius: "lg" } },
    Badge: { defaultProps: { variant: "light", radius: "xl", tt: "none", fw: 500 } },
    Skeleton: { defaultProps: { animate: false } },
    Anchor: { defaultProps: { underline: "always" } },
    Switch: { defaultProps: { withThumbIndicator: false } },
  },
});

const LIGHT: readonly [color: string, ink: string, ground: string][] = [
  ["accent", "accent", "accent-soft"],
  ["blue", "accent", "accent-soft"],
  ["ok", "ok", "ok-soft"],
  ["warn", "warn", "warn-soft"],
  ["bad", "bad", "bad-soft"],
  ["red", "bad", "bad-soft"],
  ["gray", "text-2", "hover"],
];

const FILLED: readonly [color: string, ground: string, hover: string][] = [
  ["accent", "accent-solid", "accent-solid-hover"],
  ["blue", "accent-solid", "accent-solid-hover"],
  ["bad", "bad-solid", "bad-solid-hover"],
  ["red", "bad-solid", "bad-solid-hover"],
];

function variants(): Record<string, string> {
  const variables: Record<string, string> = {};
  for (const [color, ink, ground] of LIGHT) {
    const name = `--mantine-color-${color}`;
    variables[`${name}-text`] = token(ink);
    variables[`${name}-light`] = token(ground);
    variables[`${name}-light-hover`] = token("hover");
    variables[`${name}-light-color`] = token(ink);
    variables[`${name}-outline`] = token(ink);
    variables[`${name}-outline-hover`] = token(ground);
  }
  for (const [color, ground, hover] of FILLED) {
    variables[`--mantine-color-${color}-filled`] = token(ground);
    variables[`--mantine-color-${color}-filled-hover`] = token(hover);
  }
  return variables;
}

const both: Record<string, string> = {
  "--mantine-color-body": token("bg"),
  "--mantine-color-text": token("text"),
  "--mantine-color-bright": token("text"),
  "--mantine-color-dimmed": token("text-3"),
  "--mantine-color-anchor": token("accent"),
  "--mantine-color-error": token("bad"),
  "--mantine-color-placeholder": token("text-3"),
  "--mantine-color-default": token("surface"),
  "--mantine-color-default-hover": token("hover"),
  "--mantine-color-default-color": token("text"),
  "--mantine-color-default-border": token("line-strong"),
  "--mantine-color-disabled": token("hover"),
  "--mantine-color-disabled-color": token("text-3"),
  "--mantine-color-disabled-border": token("line"),
  ...variants(),
};

/** Point every variable that Mantine paints with to a token. */
export const cssVariablesResolver: CSSVariablesResolver = () => ({
  variables: { "--mantine-color-white": token("on-accent"), "--mantine-scale": "1" },
  light: both,
  dark: both,
});
