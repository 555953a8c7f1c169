import { Button } from "@mantine/core";
import { IconAlertTriangle, IconCircleCheck, IconCircleDashed, IconClock, IconHandClick, type Icon } from "@tabler/icons-react";
import type { ReactNode } from "react";

import type { Order } from "@/api/payments";
import { isMoving, left } from "@/lib/payments";
import { absolute } from "@/lib/time";
import { type Key, Rich, useT, useWords } from "@/locales";
import { ErrorNotice } from "@/ui/ErrorNotice";
import { AnchorLink, ButtonLink } from "@/ui/links";
import { Money } from "@/ui/Money";
import { useNow } from "@/ui/TimeAgo";
import { useMay, useWorkspace } from "@/ui/workspace";
import { useZone } from "@/ui/zone";
import { retryOf, toneOf } from "./model";
import styles from "./orders.module.css";
import { useOrderActs } from "./queries";

const PICTURES: Record<ReturnType<typeof toneOf>, Icon> = {
  ask: IconHandClick,
  wait: IconClock,
  good: IconCircleCheck,
  bad: IconAlertTriangle,
  over: IconCircleDashed,
};

/** Where the order stands, in a sentence, and what comes next. */
export function Standing({ order, checking }: { order: Order; checking: boolean }) {
  const t = useT();
  const say = t as (key: Key) => string;
  // Until the payment service has answered, "unpaid" would be a guess.
  const state = checking && (order.state === "open" || order.state === "created") ? "awaiting_payment" : order.state;
  const tone = toneOf(state);
  const Picture = PICTURES[tone];
  return (
    <section className={styles.standing} data-tone={tone} aria-labelledby="standing">
      <Picture size={24} stroke={1.5} aria-hidden />
      <div className={styles.words}>
        <div role="status">
          <h2 id="standing">{say(`order.head_${state}`)}</h2>
        </div>
        <p>{say(order.channel === "manual" && state === "expired" ? "order.text_expired_manual" : `order.text_${state}`)}</p>
        <Detail order={order} state={state} />
        {order.flag_note !== null && <p className={styles.flag}>{say(`order.flag_${order.flag_note}`)}</p>}
        <Next order={order} checking={checking} />
      </div>
    </section>
  );
}

function Detail({ order, state }: { order: Order; state: Order["state"] }): ReactNode {
  const { t } = useWords();
  const { id } = useWorkspace();
  const seesLedger = useMay("ledger");
  switch (state) {
    case "needs_information":
    case "rejected":
      return order.question === "" ? null : (
        <blockquote className={styles.quote}>
          <small>{t(state === "rejected" ? "order.reason" : "order.question")}</small>
          <p>{order.question}</p>
        </blockquote>
      );
    case "failed":
      return order.failure === "" ? null : <p className={styles.quote}>{order.failure}</p>;
    case "duplicate":
      return order.duplicate_of === null ? null : (
        <p>
          <Rich
            k="order.duplicate_of"
            values={{
              order: (
                <AnchorLink to="/w/$ws/orders/$order" params={{ ws: id, order: order.duplicate_of.id }}>
                  {order.duplicate_of.reference}
                </AnchorLink>
              ),
            }}
          />
        </p>
      );
    case "credited":
      return (
        <p>
          <Rich k="order.arrived" values={{ amount: <b><Money value={order.credits_received} unit /></b> }} />{" "}
          {seesLedger && order.ledger_line !== null && (
            <AnchorLink to="/w/$ws/ledger/$line" params={{ ws: id, line: order.ledger_line }}>
              {t("order.ledger_line")}
            </AnchorLink>
          )}
        </p>
      );
    case "awaiting_proof":
    case "open":
      return <Expiry moment={order.expires_at} />;
    default:
      return null;
  }
}

/** How long the order waits: counted down, and as a moment. */
function Expiry({ moment }: { moment: string }) {
  const { t, tag } = useWords();
  const zone = useZone();
  const rest = left(moment, useNow());
  return (
    <p className={styles.expiry}>
      <IconClock size={16} stroke={1.5} aria-hidden />
      <span>
        {rest === null
          ? t("order.left_none")
          : rest.days > 0
            ? t("order.left_days", { count: rest.days, hours: rest.hours })
            : rest.hours > 0
              ? t("order.left_hours", { count: rest.hours, minutes: rest.minutes })
              : t("order.left_minutes", { count: rest.minutes })}{" "}
        <time dateTime={moment}>{absolute(moment, tag, zone)}</time>
      </span>
    </p>
  );
}

function Next({ order, checking }: { order: Order; checking: boolean }) {
  const t = useT();
  const { id } = useWorkspace();
  const { check } = useOrderActs(id, order.id);
  const pays = order.state === "open" && order.checkout_url !== null && !checking;
  if (!pays && !order.may.retry && !(order.may.check && isMoving(order.state) && !checking)) return null;
  return (
    <div className={styles.next}>
      {pays && (
        <Button component="a" href={order.checkout_url ?? ""}>
          {t("order.pay")}
        </Button>
      )}
      {order.may.check && !checking && (
        <Button
          variant="default"
          loading={check.isPending}
          onClick={() => {
            check.mutate();
          }}
        >
          {t("order.check")}
        </Button>
      )}
      {order.may.retry && (
        <ButtonLink to="/w/$ws/recharge" params={{ ws: id }} search={retryOf(order) as never}>
          {t("order.retry")}
        </ButtonLink>
      )}
      <ErrorNotice error={check.error} />
    </div>
  );
}
