import { IconChartDots3, IconCode } from "@tabler/icons-react";
import { useMemo, useState } from "react";

import type { DiagramOrder } from "@/lib/diagram";
import { useT } from "@/locales";
import code from "./code.module.css";
import { CodeBlock } from "./CodeBlock";
import styles from "./diagram.module.css";

/** A diagram as its source, and drawn when somebody asks: by a page without rights, in a frame without a network. */
export function Diagram({ source }: { source: string }) {
  const t = useT();
  const [drawn, setDrawn] = useState(false);
  const Icon = drawn ? IconCode : IconChartDots3;
  const act = (
    <button
      type="button"
      className={code.act}
      onClick={() => {
        setDrawn(!drawn);
      }}
    >
      <Icon size={16} stroke={1.5} aria-hidden />
      {t(drawn ? "markdown.show_source" : "markdown.show_diagram")}
    </button>
  );
  if (!drawn) return <CodeBlock code={source} language="mermaid" closed acts={act} />;
  return (
    <div className={code.box} data-code>
      <div className={code.bar}>
        <span className={code.language}>mermaid</span>
        {act}
      </div>
      <Frame source={source} />
    </div>
  );
}

function Frame({ source }: { source: string }) {
  const t = useT();
  const failed = t("markdown.no_diagram");
  const name = useMemo(() => JSON.stringify({ source, failed, ...look() } satisfies DiagramOrder), [source, failed]);
  return <iframe className={styles.frame} title={t("markdown.diagram")} name={name} src="/app/diagram" sandbox="allow-scripts" referrerPolicy="no-referrer" />;
}

/** Return the colours that the page has now, as the frame can use them. */
function look(): Pick<DiagramOrder, "colours" | "dark"> {
  const probe = document.createElement("span");
  document.body.append(probe);
  const colour = (token: string) => {
    probe.style.color = `var(--${token})`;
    return getComputedStyle(probe).color;
  };
  const colours = {
    surface: colour("surface"),
    sunken: colour("sunken"),
    "line-strong": colour("line-strong"),
    text: colour("text"),
    "text-3": colour("text-3"),
    accent: colour("accent"),
    "accent-soft": colour("accent-soft"),
  };
  const dark = matchMedia("(prefers-color-scheme: dark)").matches;
  probe.remove();
  const chosen = document.documentElement.dataset.mantineColorScheme;
  return { colours, dark: chosen === undefined ? dark : chosen === "dark" };
}
