import js from "@eslint/js";
import hooks from "eslint-plugin-react-hooks";
import tseslint from "typescript-eslint";

/* Small and strict: what the compiler cannot see, and the direction of imports. */
const nothingAbove = (layers, message) => ({
  "no-restricted-imports": ["error", { patterns: [{ group: layers.map((layer) => `@/${layer}/**`), message }] }],
});

/* Colours are tokens: no hexadecimal, no rgb(), no hsl() in a component. */
const colours = {
  "no-restricted-syntax": [
    "error",
    { selector: "Literal[value=/^#([0-9a-f]{3,4}|[0-9a-f]{6}|[0-9a-f]{8})$|(rgb|hsl|oklch)a?\\(/i]", message: "Name a colour of tokens.css." },
    { selector: "JSXAttribute[name.name='dangerouslySetInnerHTML']", message: "Text is text." },
    { selector: "MemberExpression[object.name='Number'][property.name='parseFloat']", message: "Money is BigInt: lib/money.ts." },
  ],
};

export default tseslint.config(
  { ignores: ["src/api/schema.ts"] },
  js.configs.recommended,
  ...tseslint.configs.strict,
  hooks.configs.flat.recommended,
  {
    rules: {
      ...colours,
      "@typescript-eslint/consistent-type-imports": "error",
      "@typescript-eslint/no-non-null-assertion": "error",
      eqeqeq: "error",
      "no-console": "error",
    },
  },
  { files: ["src/lib/**"], rules: nothingAbove(["ui", "api", "features", "frame", "locales"], "lib/ is pure and imports nothing above it.") },
  { files: ["src/api/**", "src/ui/**"], rules: nothingAbove(["features", "pages", "frame"], "A feature may use this; this may not use a feature.") },
  {
    files: ["src/features/**"],
    rules: {
      "no-restricted-imports": [
        "error",
        { patterns: [{ group: ["@/features/**", "@/pages/**", "@/frame/**", "../../*"], message: "Features do not import one another; share through ui/, api/ or lib/." }] },
      ],
    },
  },
);
