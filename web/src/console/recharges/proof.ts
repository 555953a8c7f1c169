/* How a picture is looked at: turned by quarters, enlarged in steps. */

export interface View {
  /** Degrees: 0, 90, 180, 270. */
  turn: number;
  zoom: number;
}

export const START: View = { turn: 0, zoom: 1 };
const STEPS = [1, 1.5, 2, 3, 4] as const;

export function turned(view: View): View {
  return { ...view, turn: (view.turn + 90) % 360 };
}

/** by: 1 is closer, -1 farther. */
export function zoomed(view: View, by: 1 | -1): View {
  const at = STEPS.findIndex((step) => step === view.zoom);
  return { ...view, zoom: STEPS[Math.min(STEPS.length - 1, Math.max(0, at + by))] ?? 1 };
}

export function canZoom(view: View, by: 1 | -1): boolean {
  return zoomed(view, by).zoom !== view.zoom;
}
