import { toggled } from "@/lib/toggled";
import { useChatSettings } from "@/ui/useChatSettings";

/** Return the ids with a star (null: not known yet), and how to give and take one: the same stars as in the chat. */
export function useFavourites(): { ids: readonly string[] | null; toggle: (id: string) => void } {
  const { settings, known, change } = useChatSettings();
  const toggle = (id: string) => {
    if (known) change({ favourites: toggled(settings.favourites, id) });
  };
  return { ids: known ? settings.favourites : null, toggle };
}
