import { TextInput } from "@mantine/core";
import { IconSearch } from "@tabler/icons-react";
import { type FormEvent, useState } from "react";

import { useAddress } from "@/ui/useAddress";

/** Finds in a list; what is sought stands in the address under `name`. Enter, or leaving the field, searches. */
export function SearchField({ label, name = "q" }: { label: string; name?: string }) {
  const address = useAddress();
  const sought = address.value(name);
  const [text, setText] = useState(sought);
  const [before, setBefore] = useState(sought);
  if (before !== sought) {
    setBefore(sought);
    setText(sought);
  }
  const search = () => {
    if (text.trim() !== sought) address.set({ [name]: text.trim(), cursor: "" });
  };
  return (
    <form
      role="search"
      onSubmit={(event: FormEvent) => {
        event.preventDefault();
        search();
      }}
    >
      <TextInput
        label={label}
        type="search"
        leftSection={<IconSearch size={16} stroke={1.5} aria-hidden />}
        value={text}
        autoComplete="off"
        spellCheck={false}
        onBlur={search}
        onChange={(event) => {
          setText(event.currentTarget.value);
        }}
      />
    </form>
  );
}
