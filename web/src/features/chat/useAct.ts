import { useCallback, useState } from "react";

/** One thing at a time that may be refused: what it is doing, and why it could not. */
export function useAct() {
  const [state, setState] = useState<{ busy: boolean; error: unknown }>({ busy: false, error: null });
  const run = useCallback(async (act: () => Promise<void>): Promise<boolean> => {
    setState({ busy: true, error: null });
    try {
      await act();
      setState({ busy: false, error: null });
      return true;
    } catch (error) {
      setState({ busy: false, error });
      return false;
    }
  }, []);
  return { ...state, run };
}
