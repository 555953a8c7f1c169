import { Tooltip } from "@mantine/core";

import { absolute } from "@/lib/time";
import { useWords } from "@/locales";
import { AnchorLink } from "@/ui/links";
import { useWorkspace } from "@/ui/workspace";
import styles from "./ledger.module.css";
import type { Line } from "./model";

const SHOWN: Intl.DateTimeFormatOptions = { year: "numeric", month: "short", day: "numeric", hour: "2-digit", minute: "2-digit", hourCycle: "h23" };

/** When a line was booked, or from when to when; a ledger is read by dates, so not "3 hours ago". It opens a line. */
export function When({ line, zone }: { line: Line; zone: string }) {
  const { t, tag } = useWords();
  const { id } = useWorkspace();
  const format = new Intl.DateTimeFormat(tag, { ...SHOWN, timeZone: zone });
  const from = line.group?.from ?? line.time;
  const exactly = (moment: string) => absolute(moment, tag, zone);
  const time = <time dateTime={line.time}>{format.formatRange(new Date(from), new Date(line.time))}</time>;
  return (
    <Tooltip label={from === line.time ? exactly(from) : `${exactly(from)} – ${exactly(line.time)}`}>
      {line.group === null ? (
        <AnchorLink className={styles.quiet} to="/w/$ws/ledger/$line" params={{ ws: id, line: line.id }}>
          <span className="visually-hidden">{t("ledger.open_line")}: </span>
          {time}
        </AnchorLink>
      ) : (
        <span tabIndex={0}>{time}</span>
      )}
    </Tooltip>
  );
}
