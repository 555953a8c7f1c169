import { inBrowser, type Place } from "@/lib/kept";
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

const name = (workspace: string) => `omna.recharge.${workspace}`;

/** Return the draft of a wish, null where none is kept. */
export function draftOf(workspace: string, wish: string, place: Place = inBrowser): Draft | null {
  const draft = place.readValue(name(workspace)) as Draft | null;
  return draft?.wish === wish ? draft : null;
}

/** Return the draft of a wish; a new wish takes the place of the one before. */
export function beginDraft(workspace: string, wish: string, place: Place = inBrowser): Draft {
  const known = draftOf(workspace, wish, place);
  if (known !== null) return known;
  const draft: Draft = { token: newToken(), wish, order: null };
  place.writeValue(name(workspace), draft);
  return draft;
}

/** Keep which order a draft has become. */
export function keepOrder(workspace: string, draft: Draft, order: { id: string; reference: string }, place: Place = inBrowser): void {
  place.writeValue(name(workspace), { ...draft, order: { id: order.id, reference: order.reference } });
}

/** The next wish is a new order, whatever it is. */
export function forgetDraft(workspace: string, place: Place = inBrowser): void {
  place.forget(name(workspace));
}
