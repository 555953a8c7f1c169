import { newToken } from "@/lib/payments";

/* Twice is once: the same wish keeps its token until its order has ended, in every tab of this browser, across Back,
   a reload and a double click. The token makes /api answer with the first order. */

export interface Draft {
  token: string;
  /** What is wanted, written out. */
  wish: string;
  /** Its order, once it is known. */
  order: { id: string; reference: string } | null;
}

type Store = Pick<Storage, "getItem" | "setItem" | "removeItem">;

const name = (workspace: string) => `omna.recharge.${workspace}`;

/** Return the draft of a wish, null where none is kept. */
export function draftOf(workspace: string, wish: string, store: Store = localStorage): Draft | null {
  try {
    const draft = JSON.parse(store.getItem(name(workspace)) ?? "null") as Draft | null;
    return draft?.wish === wish ? draft : null;
  } catch {
    return null;
  }
}

/** Return the draft of a wish; a new wish takes the place of the one before. */
export function beginDraft(workspace: string, wish: string, store: Store = localStorage): Draft {
  const known = draftOf(workspace, wish, store);
  if (known !== null) return known;
  const draft: Draft = { token: newToken(), wish, order: null };
  write(workspace, draft, store);
  return draft;
}

/** Keep which order a draft has become. */
export function keepOrder(workspace: string, draft: Draft, order: { id: string; reference: string }, store: Store = localStorage): void {
  write(workspace, { ...draft, order: { id: order.id, reference: order.reference } }, store);
}

/** The next wish is a new order, whatever it is. */
export function forgetDraft(workspace: string, store: Store = localStorage): void {
  try {
    store.removeItem(name(workspace));
  } catch {
    // Then there was none.
  }
}

function write(workspace: string, draft: Draft, store: Store): void {
  try {
    store.setItem(name(workspace), JSON.stringify(draft));
  } catch {
    // Without a place to keep it, one page still sends the same token.
  }
}
