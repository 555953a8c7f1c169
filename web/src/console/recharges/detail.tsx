import { useQuery } from "@tanstack/react-query";

import { useT } from "@/locales";
import { Result } from "@/ui/Result";
import { BlockSkeleton } from "@/ui/skeletons";
import { ConsoleHeader } from "../ConsoleHeader";
import { useId } from "../links";
import { Order } from "./Order";
import { detailQuery } from "./queries";

export default function RechargeDetail() {
  const t = useT();
  const id = useId();
  const detail = useQuery(detailQuery(id));
  return (
    <>
      {detail.data === undefined && <ConsoleHeader title={t("console_recharges.one")} back={{ to: "/recharges", label: t("console_recharges.title") }} />}
      <Result query={detail} skeleton={<BlockSkeleton height={420} />}>
        {(order) => <Order key={order.id} order={order} />}
      </Result>
    </>
  );
}
