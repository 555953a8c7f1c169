import { Button, VisuallyHidden } from "@mantine/core";
import type { ReactNode } from "react";

interface RowButtonProps {
  /** What the row is: a list of buttons that are all called "Remove" helps nobody who does not see their rows. */
  of: string;
  onClick: () => void;
  loading?: boolean;
  children: ReactNode;
}

/** A small act on one row. */
export function RowButton({ of, onClick, loading = false, children }: RowButtonProps) {
  return (
    <Button variant="default" size="compact-sm" onClick={onClick} loading={loading}>
      {children}
      <VisuallyHidden>&nbsp;{of}</VisuallyHidden>
    </Button>
  );
}
