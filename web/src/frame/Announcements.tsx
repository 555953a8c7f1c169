import { IconAlertTriangle, IconInfoCircle } from "@tabler/icons-react";

import type { Schemas } from "@/api/client";
import { useWords } from "@/locales";
import { Banner } from "./Banner";

/** What the operator wants everybody to read, in the language of the reader. */
export function Announcements({ lines }: { lines: readonly Schemas["Line"][] }) {
  const { language } = useWords();
  return lines.map((line) => (
    <Banner key={line.id} kind={line.kind === "warning" ? "warn" : "quiet"} icon={line.kind === "warning" ? IconAlertTriangle : IconInfoCircle}>
      {language === "zh" ? line.text_zh : line.text_en}
    </Banner>
  ));
}
