import "./diagram.css";

import mermaid from "mermaid";

import type { DiagramOrder } from "@/lib/diagram";

/* A page that draws one diagram. It runs in a frame without rights: no origin, no network, no cookies, no storage, and
   what it draws stays inside. */

const LONGEST = 50_000;

async function show({ source, failed, colours, dark }: DiagramOrder): Promise<void> {
  const root = document.documentElement;
  root.style.colorScheme = dark ? "dark" : "light";
  for (const [name, colour] of Object.entries(colours)) root.style.setProperty(`--${name}`, colour);
  mermaid.initialize({
    startOnLoad: false,
    securityLevel: "strict",
    suppressErrorRendering: true,
    maxTextSize: LONGEST,
    // Labels are drawn, not markup.
    htmlLabels: false,
    flowchart: { htmlLabels: false },
    fontFamily: "system-ui, sans-serif",
    theme: "base",
    themeVariables: {
      darkMode: dark,
      background: colours.surface,
      primaryColor: colours["accent-soft"],
      primaryTextColor: colours.text,
      primaryBorderColor: colours.accent,
      secondaryColor: colours.sunken,
      tertiaryColor: colours.sunken,
      lineColor: colours["text-3"],
      textColor: colours.text,
      noteBkgColor: colours.sunken,
      noteTextColor: colours.text,
      noteBorderColor: colours["line-strong"],
      edgeLabelBackground: colours.surface,
      fontSize: "15px",
    },
  });
  const place = document.createElement("main");
  document.body.append(place);
  try {
    const { svg } = await mermaid.render("diagram", source);
    // Scripts of a parsed document do not run; here they would have nothing to reach, either.
    const drawn = new DOMParser().parseFromString(svg, "text/html").querySelector("svg");
    if (drawn === null) throw new Error("nothing was drawn");
    drawn.removeAttribute("height");
    place.append(document.adoptNode(drawn));
  } catch {
    place.className = "failed";
    const [said, text] = [document.createElement("p"), document.createElement("pre")];
    said.textContent = failed;
    text.textContent = source;
    place.append(said, text);
  }
}

function order(): DiagramOrder | null {
  try {
    return JSON.parse(window.name) as DiagramOrder;
  } catch {
    return null;
  }
}

const wanted = order();
if (wanted !== null) void show(wanted);
