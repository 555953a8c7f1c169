"""`omna migrate`"""

from omna.cli.output import print_json
from omna.cli.session import DEFAULTS, Options, database, settings_of
from omna.db import migrate as schema


async def migrate(*, options: Options = DEFAULTS) -> None:
    """Bring the schema up to date; safe from many replicas at once."""
    async with database(settings_of(options)) as url:
        applied = await schema.migrate(url)
    if options.json:
        print_json({"applied": applied})
    else:
        print("\n".join(f"applied {name}" for name in applied) or "the schema is up to date")
