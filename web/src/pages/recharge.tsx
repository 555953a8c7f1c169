import { AutoTopUp } from "@/features/billing/AutoTopUp";
import { BillingDetails } from "@/features/billing/BillingDetails";
import { RedeemCode } from "@/features/billing/RedeemCode";
import RechargePage from "@/features/recharge/page";

/** The page where money comes in. It is made of more than one feature: features do not know one another. */
export default function Recharge() {
  return (
    <RechargePage
      more={
        <>
          <RedeemCode />
          <AutoTopUp />
          <BillingDetails />
        </>
      }
    />
  );
}
