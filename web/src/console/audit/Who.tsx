import type { ReactNode } from "react";

import styles from "../console.module.css";
import { ConsoleLink } from "../links";
import { pagesFor } from "../pages";
import { useStaff } from "../session";
import { subjectPath } from "./model";
import type { Row } from "./queries";

/** Who did it; leads to everything that they did. */
export function Who({ row }: { row: Row }) {
  const name = row.actor_name ?? row.actor_email;
  return (
    <span className={styles.two}>
      <ConsoleLink to="/audit" search={{ actor: row.actor }}>
        {name === null || name === "" ? <code>{row.actor}</code> : name}
      </ConsoleLink>
      <small>{row.actor_name !== null && row.actor_email !== null ? row.actor_email : row.address}</small>
    </span>
  );
}

/** What it was done to; leads to its page where there is one for this reader. */
export function SubjectOf({ row }: { row: Pick<Row, "action" | "subject"> }): ReactNode {
  const staff = useStaff();
  const to = subjectPath(
    row,
    pagesFor(staff.rights)
      .filter((page) => page.detail !== undefined)
      .map((page) => page.path),
  );
  const text = <code>{row.subject}</code>;
  return to === null ? text : <ConsoleLink to={to}>{text}</ConsoleLink>;
}
