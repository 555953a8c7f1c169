import { useEffect, useState } from "react";

function holder<T>(first: T) {
  let held = first;
  return {
    get: () => held,
    set: (value: T) => {
      held = value;
    },
  };
}

/** Return a function, always the same one, that returns a value as it was drawn last: for what happens later. */
export function useNow<T>(value: T): () => T {
  const [box] = useState(() => holder(value));
  useEffect(() => {
    box.set(value);
  });
  return box.get;
}
