import { exact, parse, share } from "@/lib/money";
import { day } from "@/lib/time";
import { useWords } from "@/locales";
import type { Case } from "./queries";
import styles from "./risk.module.css";

const HEIGHT = 48;
const STEP = 10;

/** What a workspace spent a day; the highest day is as high as the plot. */
export function SpendPlot({ days }: { days: Case["days"] }) {
  const { t, tag } = useWords();
  const amounts = days.map((one) => parse(one.spent));
  const most = amounts.reduce((high, one) => (one > high ? one : high), 0n);
  const at = days[amounts.indexOf(most)]?.day ?? "";
  const label =
    most === 0n ? t("console_risk.plot_none") : t("console_risk.plot", { most: exact(most, tag), day: day(`${at}T00:00:00Z`, tag, "UTC") });
  return (
    <figure className={styles.plot}>
      <svg viewBox={`0 0 ${days.length * STEP} ${HEIGHT}`} role="img" aria-label={label} preserveAspectRatio="none" data-testid="spend-plot">
        {amounts.map((amount, index) => {
          const height = amount === 0n ? 1 : Math.max(2, share(amount, most) * HEIGHT);
          return <rect key={days[index]?.day} x={index * STEP + 1} y={HEIGHT - height} width={STEP - 2} height={height} />;
        })}
      </svg>
      <figcaption>{label}</figcaption>
    </figure>
  );
}
