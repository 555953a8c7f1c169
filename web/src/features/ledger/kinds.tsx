import {
  IconAdjustments, IconArrowBackUp, IconArrowsExchange, IconBolt, IconCreditCardOff, IconGift, IconHourglassEmpty, type Icon, IconPlus, IconRotate2,
} from "@tabler/icons-react";
import { Badge } from "@mantine/core";

import { type Key, useT } from "@/locales";
import styles from "./ledger.module.css";
import type { Kind, Line } from "./model";

const ICONS: Record<Kind, Icon> = {
  usage: IconBolt,
  recharge: IconPlus,
  promo: IconGift,
  expiry: IconHourglassEmpty,
  refund: IconArrowBackUp,
  adjustment: IconAdjustments,
  conversion: IconArrowsExchange,
  chargeback: IconCreditCardOff,
  reversal: IconRotate2,
};

/** The type of a line, with its picture. */
export function KindWord({ kind }: { kind: Kind }) {
  const t = useT();
  const Picture = ICONS[kind];
  return (
    <span className={styles.kind}>
      <Picture size={18} stroke={1.5} aria-hidden />
      {(t as (key: Key) => string)(`kind.${kind}`)}
    </span>
  );
}

export function StatusBadge({ status }: { status: Line["status"] | "held" }) {
  const t = useT();
  return (
    <Badge variant="light" color={{ settled: "gray", reversed: "warn", held: "accent" }[status]}>
      {t(`ledger.status_${status}`)}
    </Badge>
  );
}
