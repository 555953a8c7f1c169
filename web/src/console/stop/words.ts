import { ofScope } from "@/lib/stops";
import { type Key, useT } from "@/locales";

/** A scope in words, as everybody reads them in the banner. */
export function useScopeWords() {
  const t = useT() as (key: Key, values: object) => string;
  return {
    stopped: (scope: string) => {
      const { kind, name } = ofScope(scope);
      return t(`console_stop.stopped_${kind}` as Key, { name });
    },
  };
}
