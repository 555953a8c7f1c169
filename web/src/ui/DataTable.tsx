import { Button } from "@mantine/core";
import { IconArrowDown, IconArrowUp, IconArrowsSort } from "@tabler/icons-react";
import type { ReactNode } from "react";

import { useT } from "@/locales";
import styles from "./DataTable.module.css";
import type { Paging } from "./useAddress";

export interface Column<Row> {
  /** Also the name of the sort field, where `sortable`. */
  id: string;
  header: string;
  cell: (row: Row) => ReactNode;
  /** Right-aligned, tabular figures. */
  numeric?: boolean;
  sortable?: boolean;
  /** Buttons: to the right, and as wide as a card. */
  action?: boolean;
  /** First line of a card, without its header. */
  primary?: boolean;
  /** Not on cards. */
  wideOnly?: boolean;
  width?: string;
}

interface DataTableProps<Row> {
  /** What the table is, for assistive technology. */
  label: string;
  columns: readonly Column<Row>[];
  rows: readonly Row[];
  rowKey: (row: Row) => string;
  /** What style sheets know a row by: `data-mark`. */
  mark?: (row: Row) => string | undefined;
  /** Field name, "-" in front for descending, as the address has it. */
  sort?: string;
  onSort?: (sort: string) => void;
  /** Old rows stay, dimmed, while new ones are on their way. */
  dimmed?: boolean;
  /** Instead of rows. */
  empty?: ReactNode;
  footer?: ReactNode;
  /** A cursor for the next page, and whether this is not the first. */
  paging?: Paging;
}

/** A table with a sticky header; below 640 px each row is a card. Sort and cursor live in the address. */
export function DataTable<Row>({ label, columns, rows, rowKey, mark, sort = "", onSort, dimmed, empty, footer, paging }: DataTableProps<Row>) {
  const t = useT();
  return (
    <div className={styles.sheet}>
      {/* The roles are said aloud: as cards, the elements no longer look like a table to a browser. */}
      <table className={styles.table} role="table" aria-label={label} aria-busy={dimmed ?? false} data-dimmed={dimmed ?? false}>
        <thead role="rowgroup">
          <tr role="row">
            {columns.map((column) => (
              <Header key={column.id} column={column} sort={sort} onSort={onSort} />
            ))}
          </tr>
        </thead>
        <tbody role="rowgroup">
          {rows.map((row) => (
            <tr role="row" key={rowKey(row)} data-mark={mark?.(row)}>
              {columns.map((column) => (
                <td
                  role="cell"
                  key={column.id}
                  className={column.numeric || column.action ? "number" : undefined}
                  data-label={column.primary || column.action ? undefined : column.header}
                  data-primary={column.primary ?? false}
                  data-action={column.action ?? false}
                  data-wide={column.wideOnly ?? false}
                >
                  {column.cell(row)}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
        {footer && rows.length > 0 && <tfoot role="rowgroup">{footer}</tfoot>}
      </table>
      {rows.length === 0 && empty}
      {paging && (paging.cursor !== "" || paging.next !== null) && (
        <nav className={styles.pager} aria-label={t("table.pages")}>
          <Button
            variant="default"
            size="compact-md"
            disabled={paging.cursor === ""}
            onClick={() => {
              paging.go("");
            }}
          >
            {t("table.first")}
          </Button>
          <Button
            variant="default"
            size="compact-md"
            disabled={paging.next === null}
            onClick={() => {
              paging.go(paging.next ?? "");
            }}
          >
            {t("table.next")}
          </Button>
        </nav>
      )}
    </div>
  );
}

function Header<Row>({ column, sort, onSort }: { column: Column<Row>; sort: string; onSort?: (sort: string) => void }) {
  const direction = sort === column.id ? "ascending" : sort === `-${column.id}` ? "descending" : "none";
  const className = column.numeric || column.action ? "number" : undefined;
  const style = column.width === undefined ? undefined : { width: column.width };
  if (!column.sortable || !onSort) {
    return (
      <th role="columnheader" scope="col" className={className} style={style}>
        {column.action ? <span className="visually-hidden">{column.header}</span> : column.header}
      </th>
    );
  }
  const Arrow = direction === "ascending" ? IconArrowUp : direction === "descending" ? IconArrowDown : IconArrowsSort;
  return (
    <th role="columnheader" scope="col" className={className} style={style} aria-sort={direction}>
      <button
        type="button"
        className={styles.sort}
        data-active={direction !== "none"}
        onClick={() => {
          onSort(direction === "ascending" ? `-${column.id}` : column.id);
        }}
      >
        {column.header}
        <Arrow size={14} stroke={1.5} aria-hidden />
      </button>
    </th>
  );
}
