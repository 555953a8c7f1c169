export interface MarkdownProps {
  text: string;
  /** It still grows: what stands finished is not drawn again. */
  streaming: boolean;
}

/** What a model or a person wrote. */
export function Markdown({ text }: MarkdownProps) {
  return <div style={{ whiteSpace: "pre-wrap", overflowWrap: "anywhere" }}>{text}</div>;
}
