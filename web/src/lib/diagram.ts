/** What the page of a diagram is told. It has an origin of its own and nobody to talk to: this is the name of its window. */
export interface DiagramOrder {
  source: string;
  /** What to say above a source that cannot be drawn. */
  failed: string;
  /** The colours that these tokens have on the page around it. */
  colours: Record<"surface" | "sunken" | "line-strong" | "text" | "text-3" | "accent" | "accent-soft", string>;
  dark: boolean;
}
