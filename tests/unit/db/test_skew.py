"""What a later schema takes away from a release that was written for an earlier one."""

import pytest

from tests.harness.skew import Column, Function, Schema, Table, breaks

TABLE = Table({"id": Column("uuid", needed=True), "note": Column("text"), "at": Column("date", True, True)}, ["SELECT"])
CALL = Function(["uuid", "text"], "TABLE(ord integer, code text)", defaults=1)


def schema(table: Table | None = TABLE, *functions: Function) -> Schema:
    return Schema({} if table is None else {"t": table}, {"f": list(functions)} if functions else {})


def with_column(name: str, column: Column | None) -> Table:
    columns = {**TABLE.columns, name: column}
    return Table({name: one for name, one in columns.items() if one is not None}, TABLE.may)


@pytest.mark.parametrize(
    "now",
    [
        TABLE,
        with_column("more", Column("text")),
        with_column("more", Column("text", needed=True, filled=True)),
        with_column("id", Column("uuid")),
        Table(TABLE.columns, ["SELECT", "INSERT"]),
    ],
)
def test_what_is_added_disturbs_nobody(now: Table) -> None:
    assert breaks(schema(), schema(now)) == []


@pytest.mark.parametrize(
    ("now", "problem"),
    [
        (None, "table t is gone"),
        (with_column("note", None), "column t.note is gone"),
        (with_column("note", Column("bytea")), "column t.note was text and is bytea"),
        (with_column("note", Column("text", needed=True)), "column t.note may no longer be NULL"),
        (with_column("at", Column("date", needed=True)), "column t.at has no default any more"),
        (with_column("more", Column("text", needed=True)), "column t.more is new and has to be named"),
        (Table(TABLE.columns, []), "the application may no longer SELECT in t"),
    ],
)
def test_what_is_taken_away_is_told(now: Table | None, problem: str) -> None:
    assert breaks(schema(), schema(now)) == [problem]


@pytest.mark.parametrize(
    ("now", "serves"),
    [
        (CALL, True),
        (Function(["uuid", "text", "date"], CALL.returns, defaults=2), True),
        (Function(CALL.takes, "TABLE(ord integer, code text, more text)", defaults=1), True),
        (Function(["uuid", "text", "date"], CALL.returns, defaults=1), False),
        (Function(CALL.takes, CALL.returns), False),
        (Function(["uuid", "date"], CALL.returns, defaults=1), False),
        (Function(["uuid"], CALL.returns), False),
        (Function(CALL.takes, "TABLE(ord integer)", defaults=1), False),
        (Function(CALL.takes, "text", defaults=1), False),
    ],
)
def test_calls_of_the_release_before_are_answered(now: Function, *, serves: bool) -> None:
    assert (breaks(schema(TABLE, CALL), schema(TABLE, now)) == []) is serves


def test_any_overload_may_serve() -> None:
    assert breaks(schema(TABLE, CALL), schema(TABLE, Function(["date"], "text"), CALL)) == []
