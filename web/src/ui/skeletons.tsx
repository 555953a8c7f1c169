import { Skeleton } from "@mantine/core";

/* Still, and of the final size. */

/** A table before its rows. */
export function RowsSkeleton({ rows = 8 }: { rows?: number }) {
  return (
    <div style={{ display: "grid", gap: 12, paddingBlock: 12 }}>
      {Array.from({ length: rows }, (_, index) => (
        <Skeleton key={index} height={28} radius="sm" />
      ))}
    </div>
  );
}

/** A card before its content. height: pixels. */
export function BlockSkeleton({ height }: { height: number }) {
  return <Skeleton height={height} radius="lg" />;
}
