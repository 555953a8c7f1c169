"""What the installation remembers by name."""

from omna.db.pool import Connection


async def find(connection: Connection, name: str) -> str | None:
    value: str | None = await connection.fetchval("SELECT value FROM installation WHERE name = $1", name)
    return value


async def add(connection: Connection, name: str, value: str) -> None:
    """Keep a fact unless it is known already."""
    await connection.execute(
        "INSERT INTO installation (name, value) VALUES ($1, $2) ON CONFLICT (name) DO NOTHING", name, value
    )


async def put(connection: Connection, name: str, value: str) -> None:
    """Keep a fact, in place of what was known."""
    await connection.execute(
        "INSERT INTO installation (name, value) VALUES ($1, $2)"
        " ON CONFLICT (name) DO UPDATE SET value = excluded.value",
        name,
        value,
    )


async def beginning_with(connection: Connection, prefix: str) -> list[tuple[str, str]]:
    """Return names and values, in the order of the names."""
    rows = await connection.fetch(
        "SELECT name, value FROM installation WHERE starts_with(name, $1) ORDER BY name", prefix
    )
    return [(row["name"], row["value"]) for row in rows]
