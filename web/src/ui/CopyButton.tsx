import { ActionIcon, Button, Tooltip } from "@mantine/core";
import { IconCheck, IconCopy } from "@tabler/icons-react";
import { type RefObject, useEffect, useState } from "react";

import { copyText } from "@/lib/copy";
import { useT } from "@/locales";

interface CopyButtonProps {
  text: string;
  /** The name of the button: "Copy key". */
  label: string;
  /** Show the name beside the icon. */
  wide?: boolean;
  variant?: "default" | "filled" | "subtle";
  /** What is selected where neither clipboard works. */
  source?: RefObject<HTMLElement | null>;
}

const CONFIRMED_MS = 2000;

/** Copies a text; the icon turns ✓ for two seconds and a live region says so. */
export function CopyButton({ text, label, wide = false, variant = "default", source }: CopyButtonProps) {
  const t = useT();
  const [result, setResult] = useState<"" | "copied" | "selected">("");
  useEffect(() => {
    if (result === "") return;
    const timer = setTimeout(() => {
      setResult("");
    }, CONFIRMED_MS);
    return () => {
      clearTimeout(timer);
    };
  }, [result]);

  const copy = async () => {
    setResult((await copyText(text, source?.current)) ? "copied" : "selected");
  };
  const icon = result === "copied" ? <IconCheck size={16} stroke={1.5} /> : <IconCopy size={16} stroke={1.5} />;
  const said = result === "" ? "" : result === "copied" ? t("copy.done") : t("copy.selected");
  return (
    <>
      {wide ? (
        <Button variant={variant} leftSection={icon} onClick={() => void copy()}>
          {label}
        </Button>
      ) : (
        <Tooltip label={said === "" ? label : said}>
          <ActionIcon aria-label={label} onClick={() => void copy()} size={28}>
            {icon}
          </ActionIcon>
        </Tooltip>
      )}
      <span role="status" className="visually-hidden">
        {said}
      </span>
    </>
  );
}
