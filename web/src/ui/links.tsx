import { Anchor, type AnchorProps, Button, type ButtonProps } from "@mantine/core";
import { createLink } from "@tanstack/react-router";
import type { AnchorHTMLAttributes, Ref } from "react";

/* Links with typed addresses: `<AnchorLink to="/w/$ws/keys" params={{ ws }}>`. Plain ones come from the router. */

type Native = Omit<AnchorHTMLAttributes<HTMLAnchorElement>, "style" | "color"> & { ref?: Ref<HTMLAnchorElement> };

function PlainAnchor(props: AnchorProps & Native) {
  return <Anchor inherit {...props} />;
}

function PlainButton(props: ButtonProps & Native) {
  return <Button component="a" {...props} />;
}

export const AnchorLink = createLink(PlainAnchor);
export const ButtonLink = createLink(PlainButton);
export { Link } from "@tanstack/react-router";
