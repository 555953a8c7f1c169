import { useState } from "react";

/** Return the last value that was not null: what a dialog shows while it fades away. */
export function useHeld<T>(value: T | null): T | null {
  const [held, setHeld] = useState(value);
  if (value !== null && value !== held) setHeld(value);
  return value ?? held;
}
