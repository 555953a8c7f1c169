import { useNavigate, useSearch } from "@tanstack/react-router";

import { type Search, valueOf, valuesOf } from "@/lib/address";

/** Where a list stands, where its next page begins (null on the last one), and the way there. */
export interface Paging {
  cursor: string;
  next: string | null;
  go: (cursor: string) => void;
}

export interface Address {
  /** The first value of a name, "" for none. */
  value: (name: string) => string;
  /** All values of a name. */
  values: (name: string) => string[];
  /** Change some names, keep the others; "" and [] take a name away. The page stays, Back goes to the state before. */
  set: (changes: Record<string, string | string[]>, options?: { replace?: boolean }) => void;
  /** The pages of a list whose place is the name "cursor". */
  paging: (next: string | null) => Paging;
}

/** Filters, tabs and sorting, as the address has them. */
export function useAddress(): Address {
  const search = useSearch({ strict: false }) as Search;
  const navigate = useNavigate();
  const set: Address["set"] = (changes, options) => {
    void navigate({
      to: ".",
      search: ((before: Search) => ({ ...before, ...changes })) as never,
      replace: options?.replace ?? false,
      resetScroll: false,
    });
  };
  return {
    value: (name) => valueOf(search, name),
    values: (name) => valuesOf(search, name),
    set,
    paging: (next) => ({
      cursor: valueOf(search, "cursor"),
      next,
      go: (cursor) => {
        set({ cursor });
      },
    }),
  };
}
