export interface ReasoningProps {
  text: string;
  /** The model is still thinking. */
  streaming: boolean;
  /** How long it thought; null: not known yet. */
  milliseconds: number | null;
  tokens: number | null;
  /** Credits for the thinking alone; null: not known. */
  charge: string | null;
}

/** What a model thought before it answered, closed at first. */
export function Reasoning({ text }: ReasoningProps) {
  return text === "" ? null : <div>{text}</div>;
}
