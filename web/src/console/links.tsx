import { useNavigate, useParams } from "@tanstack/react-router";
import type { ComponentProps } from "react";

import { AnchorLink, ButtonLink, Link } from "@/ui/links";

/* Addresses of the console are plain text below /console: `<ConsoleLink to={`/recharges/${id}`}>`. The typed addresses
   of the app belong to its own router. */

type Plain<Props> = Omit<Props, "to" | "params" | "search"> & { to: string; search?: Record<string, string> };

export function ConsoleLink({ to, search, ...rest }: Plain<ComponentProps<typeof AnchorLink>>) {
  return <AnchorLink {...(rest as object)} to={to as "/"} search={(search ?? {}) as never} />;
}

export function ConsoleButton({ to, search, ...rest }: Plain<ComponentProps<typeof ButtonLink>>) {
  return <ButtonLink {...(rest as object)} to={to as "/"} search={(search ?? {}) as never} />;
}

export function RailLink({ to, ...rest }: Plain<ComponentProps<typeof Link>>) {
  return <Link {...(rest as object)} to={to as "/"} />;
}

/** Return a function that opens an address of the console. */
export function useGo(): (to: string) => void {
  const navigate = useNavigate();
  return (to) => void navigate({ to: to as "/" });
}

/** The id in the address of a detail. */
export function useId(): string {
  const { id } = useParams({ strict: false }) as { id?: string };
  if (id === undefined) throw new Error("this page has no id in its address");
  return id;
}
