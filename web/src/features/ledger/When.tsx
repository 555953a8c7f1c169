import { Tooltip } from "@mantine/core";

import { absolute } from "@/lib/time";
import { useWords } from "@/locales";
import type { Line } from "./model";

const SHOWN: Intl.DateTimeFormatOptions = { year: "numeric", month: "short", day: "numeric", hour: "2-digit", minute: "2-digit", hourCycle: "h23" };

/** When a line was booked, or from when to when; a ledger is read by dates, so not "3 hours ago". */
export function When({ line, zone }: { line: Line; zone: string }) {
  const { tag } = useWords();
  const format = new Intl.DateTimeFormat(tag, { ...SHOWN, timeZone: zone });
  const from = line.group?.from ?? line.time;
  const exactly = (moment: string) => absolute(moment, tag, zone);
  return (
    <Tooltip label={from === line.time ? exactly(from) : `${exactly(from)} – ${exactly(line.time)}`}>
      <time dateTime={line.time} tabIndex={0}>
        {format.formatRange(new Date(from), new Date(line.time))}
      </time>
    </Tooltip>
  );
}
