import { bars } from "./model";
import styles from "./providers.module.css";

interface PlotProps {
  /** What it shows, with its numbers, for who does not see it. */
  label: string;
  points: readonly { calls: number; failed: number }[];
  caption: string;
}

/** Calls over time as small bars, the failed part at their top. */
export function Plot({ label, points, caption }: PlotProps) {
  const drawn = bars(points);
  return (
    <figure className={styles.plot} data-testid="plot-calls">
      <svg viewBox={`0 0 ${Math.max(drawn.length, 1) * 4} 40`} preserveAspectRatio="none" role="img" aria-label={label}>
        {drawn.map((bar, number) => (

          <g key={number}>
            <rect className={styles.good} x={number * 4} y={40 - bar.good * 40} width={3} height={bar.good * 40} />
            <rect className={styles.bad} x={number * 4} y={40 - (bar.good + bar.bad) * 40} width={3} height={bar.bad * 40} />
          </g>
        ))}
      </svg>
      <figcaption>{caption}</figcaption>
    </figure>
  );
}

/** Latency over time as a line; where nothing was measured it is broken. */
export function Line({ label, values, caption }: { label: string; values: readonly (number | null)[]; caption: string }) {
  const most = Math.max(1, ...values.map((value) => value ?? 0));
  const width = Math.max(values.length - 1, 1);
  const at = (number: number, value: number) => `${String(number)},${String(39 - (value / most) * 38)}`;
  return (
    <figure className={styles.plot} data-testid="plot-latency">
      <svg viewBox={`0 0 ${width} 40`} preserveAspectRatio="none" role="img" aria-label={label}>
        {values.map((value, number) =>
          value === null ? null : (
            <polyline
              key={number}
              className={styles.line}
              points={`${at(number, value)} ${at(Math.min(number + 0.4, width), value)}${(values[number + 1] ?? null) === null ? "" : ` ${at(number + 1, values[number + 1] ?? 0)}`}`}
            />
          ),
        )}
      </svg>
      <figcaption>{caption}</figcaption>
    </figure>
  );
}
