"""What an operator reads when a command fails: one sentence, no traceback."""

import asyncpg

from omna.config import ConfigError
from omna.db.embedded import DatabaseError
from omna.db.migrate import MigrationError
from omna.errors import OmnaError, ServiceUnavailable
from omna.vault.envelope import EnvelopeError


class CommandError(Exception):
    """A command cannot do what it was asked; the message says why and what to do."""


def sentence_of(error: Exception) -> str:
    """Return the line for an error, known or not."""
    match error:
        case ServiceUnavailable():
            cause = error.__cause__
            return f"the database cannot be reached{f': {cause}' if cause and str(cause) else ''}"
        case OmnaError():
            return error.message
        case CommandError() | ConfigError() | DatabaseError() | MigrationError() | EnvelopeError():
            return str(error)
        case asyncpg.DeadlockDetectedError() | asyncpg.SerializationError():
            return "another command changed the same thing at the same moment; nothing was changed here, try again"
        case asyncpg.LockNotAvailableError() | asyncpg.QueryCanceledError():
            return "the database was too busy; nothing was changed, try again"
        case asyncpg.PostgresError():
            return f"the database refused: {error}"
        case OSError():
            return str(error)
        case _:
            return f"internal error, please report it: {type(error).__name__}: {error}"
