"""What a release asks of the schema, and what a later schema takes away from it."""

import asyncpg
import msgspec

_COLUMNS = """
SELECT c.relname AS table, a.attname AS column, format_type(a.atttypid, a.atttypmod) AS type, a.attnotnull AS needed,
       a.atthasdef OR a.attidentity <> '' OR a.attgenerated <> '' AS filled
FROM pg_class AS c JOIN pg_attribute AS a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
WHERE c.relnamespace = 'omna'::regnamespace AND c.relkind IN ('r', 'p', 'v') AND NOT c.relispartition
ORDER BY c.relname, a.attname"""

_PRIVILEGES = """
SELECT c.relname AS table, verb
FROM pg_class AS c, unnest(ARRAY['SELECT', 'INSERT', 'UPDATE', 'DELETE']) AS verb
WHERE c.relnamespace = 'omna'::regnamespace AND c.relkind IN ('r', 'p', 'v') AND NOT c.relispartition
  AND CASE verb WHEN 'DELETE' THEN has_table_privilege('omna_runtime', c.oid, verb)
                ELSE has_any_column_privilege('omna_runtime', c.oid, verb) END
ORDER BY 1, 2"""

_FUNCTIONS = """
SELECT p.proname AS name, (SELECT array_agg(t::regtype::text ORDER BY n)
                           FROM unnest(p.proargtypes) WITH ORDINALITY AS arguments (t, n)) AS takes,
       p.pronargdefaults AS defaults, pg_get_function_result(p.oid) AS returns
FROM pg_proc AS p
WHERE p.pronamespace = 'omna'::regnamespace AND p.prokind = 'f' AND p.prorettype <> 'trigger'::regtype
  AND has_function_privilege('omna_runtime', p.oid, 'EXECUTE')
ORDER BY p.proname, p.oid::regprocedure::text"""


class Column(msgspec.Struct, frozen=True, omit_defaults=True):
    """`needed`: never NULL; `filled`: has a value without being named."""

    type: str
    needed: bool = False
    filled: bool = False


class Table(msgspec.Struct, frozen=True):
    """`may`: what the application may do with some column of it."""

    columns: dict[str, Column]
    may: list[str]


class Function(msgspec.Struct, frozen=True, omit_defaults=True):
    """`takes`: the types of all arguments, of which the last `defaults` may be left out."""

    takes: list[str]
    returns: str
    defaults: int = 0


class Schema(msgspec.Struct, frozen=True):
    """What a release finds: tables, and the functions that the application may call."""

    tables: dict[str, Table]
    functions: dict[str, list[Function]]


async def read(connection: asyncpg.Connection) -> Schema:
    """Return the schema of the database, to which all migrations were applied."""
    tables: dict[str, Table] = {}
    for row in await connection.fetch(_COLUMNS):
        table = tables.setdefault(row["table"], Table({}, []))
        table.columns[row["column"]] = Column(row["type"], row["needed"], row["filled"])
    for row in await connection.fetch(_PRIVILEGES):
        tables[row["table"]].may.append(row["verb"])
    functions: dict[str, list[Function]] = {}
    for row in await connection.fetch(_FUNCTIONS):
        found = Function(row["takes"] or [], row["returns"], row["defaults"])
        functions.setdefault(row["name"], []).append(found)
    return Schema(tables, functions)


def breaks(before: Schema, now: Schema) -> list[str]:
    """Return what somebody who was written for the schema `before` no longer finds in `now`; nothing: both may run."""
    problems: list[str] = []
    for name, was in before.tables.items():
        table = now.tables.get(name)
        problems += [f"table {name} is gone"] if table is None else _table_breaks(name, was, table)
    for name, overloads in before.functions.items():
        for old in overloads:
            if not any(_serves(one, old) for one in now.functions.get(name, [])):
                problems.append(f"no function serves a call of {name}({', '.join(old.takes)}) that reads {old.returns}")
    return problems


def _table_breaks(name: str, was: Table, now: Table) -> list[str]:
    problems: list[str] = []
    for column, old in was.columns.items():
        new = now.columns.get(column)
        if new is None:
            problems.append(f"column {name}.{column} is gone")
        elif new.type != old.type:
            problems.append(f"column {name}.{column} was {old.type} and is {new.type}")
        elif new.needed and not old.needed:
            problems.append(f"column {name}.{column} may no longer be NULL")
        elif old.filled and new.needed and not new.filled:
            problems.append(f"column {name}.{column} has no default any more")
    problems += [
        f"column {name}.{column} is new and has to be named"
        for column, new in now.columns.items()
        if column not in was.columns and new.needed and not new.filled
    ]
    problems += [f"the application may no longer {verb} in {name}" for verb in was.may if verb not in now.may]
    return problems


def _serves(new: Function, old: Function) -> bool:
    """Return whether every call that `old` accepted is accepted by `new`, and reads at least what it read.

    Rows of a function are read by the names of their columns, so further columns behind them disturb nobody.
    """
    reads = new.returns == old.returns or new.returns.startswith(old.returns.removesuffix(")") + ", ")
    needs = len(new.takes) - new.defaults
    return reads and new.takes[: len(old.takes)] == old.takes and needs <= len(old.takes) - old.defaults
