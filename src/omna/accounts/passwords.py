"""Argon2id in a few threads: hashing is slow on purpose, so it is bounded on purpose.

Source  RFC 9106; the parameters are never set below m = 19 MiB, t = 2, p = 1
"""

import asyncio
import base64
import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from argon2.low_level import Type

from omna.errors import GatewayOverloaded

MEMORY_KIB = 46 * 1024
PASSES = 2

Answer = TypeVar("Answer")


class Passwords:
    """Hash and verify passwords, at most `threads` at once and `queue` waiting.

    Errors  GatewayOverloaded when more wait than the queue holds
    """

    def __init__(self, threads: int = 4, queue: int = 64) -> None:
        self._hasher = PasswordHasher(
            time_cost=PASSES, memory_cost=MEMORY_KIB, parallelism=1, hash_len=32, salt_len=16, type=Type.ID
        )
        self._threads = ThreadPoolExecutor(threads, thread_name_prefix="passwords")
        self._room = threads + queue
        self._inside = 0
        #: A hash of nothing: verifying against it takes as long as against a real one and never succeeds.
        self.decoy = f"$argon2id$v=19$m={MEMORY_KIB},t={PASSES},p=1${_random(16)}${_random(32)}"

    async def hash(self, password: str) -> str:
        """Return the PHC string of a password that passed `check_password`."""
        return await self._run(self._hasher.hash, password)

    async def verify(self, password_hash: str, password: str) -> bool:
        """Return whether the password belongs to the hash. A hash that cannot be read belongs to nothing."""
        return await self._run(self._verify, password_hash, password)

    def outdated(self, password_hash: str) -> bool:
        """Return whether the parameters have risen since this hash was made: hash again at sign-in."""
        return self._hasher.check_needs_rehash(password_hash)

    def close(self) -> None:
        self._threads.shutdown()

    def _verify(self, password_hash: str, password: str) -> bool:
        try:
            return self._hasher.verify(password_hash, password)
        except (VerificationError, InvalidHashError):
            return False

    async def _run(self, work: Callable[..., Answer], *arguments: str) -> Answer:
        if self._inside >= self._room:
            raise GatewayOverloaded("Too many people are signing in at this moment.", retry_after=1)
        self._inside += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._threads, work, *arguments)
        finally:
            self._inside -= 1


def _random(size: int) -> str:
    return base64.b64encode(os.urandom(size)).decode().rstrip("=")
