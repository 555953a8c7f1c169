/* What this browser keeps of a person's choices. Storage may be forbidden or full: then nothing is kept, and nothing fails.
   Every name begins with "omna." and says what it is; no secret is kept. */

type Store = Pick<Storage, "getItem" | "setItem" | "removeItem">;

export interface Place {
  /** Return what is kept under a name, null where nothing is. */
  read: (name: string) => string | null;
  write: (name: string, text: string) => void;
  forget: (name: string) => void;
  /** Return a kept value of any shape; null where nothing is, or where it cannot be read. */
  readValue: (name: string) => unknown;
  writeValue: (name: string, value: unknown) => void;
}

/** store: opened at every use, because opening it is what a browser may refuse. */
export function placeOf(store: () => Store): Place {
  function tried<T>(act: () => T): T | null {
    try {
      return act();
    } catch {
      return null;
    }
  }
  const read = (name: string) => tried(() => store().getItem(name));
  const write = (name: string, text: string) => {
    tried(() => {
      store().setItem(name, text);
    });
  };
  return {
    read,
    write,
    forget: (name) => {
      tried(() => {
        store().removeItem(name);
      });
    },
    readValue: (name) => tried(() => JSON.parse(read(name) ?? "null") as unknown),
    writeValue: (name, value) => {
      write(name, JSON.stringify(value));
    },
  };
}

/** Until the browser's data is cleared, for every tab. */
export const inBrowser = placeOf(() => localStorage);
/** As long as this tab, over its reloads. */
export const inTab = placeOf(() => sessionStorage);
