import { useEffect, useRef } from "react";

import { useOrderActs } from "./queries";

/**
 * Let the balance, the banner of a freeze and the ledger say the same as an order.
 *
 * now  what the page says about money; undefined while that is not known
 *
 * They are read again when it changes, and when it is first known: the frame was read before it, and money may have
 * moved in between.
 */
export function useMoved(now: string | undefined, workspace: string, recharge: string): void {
  const { moneyMoved } = useOrderActs(workspace, recharge);
  const before = useRef<string>(undefined);
  useEffect(() => {
    if (before.current === now) return;
    before.current = now;
    void moneyMoved();
  }, [now, moneyMoved]);
}
