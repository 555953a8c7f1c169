"""Idempotency-Key: the same request again gets the same answer, and one charge.

A claim is a row; what it means follows from what became of its request, so a crash at any moment leaves nothing to
repair: running → wait, charged and answered → the stored answer, anything else → the claim is free again. The answer is
stored before it is paid for and valid only once it is, so there is no moment in which a retry pays twice. Of one
that is too large to be stored it is stored that there was one: who asks again hears so, and pays nothing.
"""

import hashlib
import os
from dataclasses import dataclass

import asyncpg
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from omna.db.pool import Connection, borrow, transaction
from omna.errors import IdempotencyInProgress, IdempotencyKeyMismatch, InvalidValue, UnsupportedParameter
from omna.gateway.bill import Outcome
from omna.ids import KeyId, RequestId, WorkspaceId, show
from omna.keys.model import digest

HEADER = "idempotency-key"
LONGEST_KEY = 255
#: Bytes of an answer that is kept; only images and large batches of vectors are larger.
LARGEST_ANSWER = 16 << 20

#: A claim without a request is one whose gateway is deciding it, or died before; deciding takes seconds.
_DECIDING = "60 seconds"
_KEPT = "24 hours"
_NONCE_BYTES = 12
#: In the place of an answer that is too large; a sealed one is never empty.
_TOO_LARGE = b""

# A key that may not be used claims nothing: admission says why.
_OWNER = """SELECT k.workspace_id, k.key_id FROM api_keys AS k JOIN workspaces AS w USING (workspace_id)
            LEFT JOIN users AS maker ON maker.user_id = k.created_by
            WHERE k.digest = $1 AND k.disabled_at IS NULL AND k.revoked_at IS NULL AND w.frozen_reason IS NULL
              AND maker.frozen_reason IS NULL
              AND coalesce(k.expires_at > now(), true)
              AND NOT EXISTS (SELECT FROM stops WHERE scope IN ('all', 'api'))"""

_CLAIM = """INSERT INTO idempotent_requests (workspace_id, key_id, name, fingerprint, request_id, claimed_at)
            VALUES ($1, $2, $3, $4, $5, now()) ON CONFLICT DO NOTHING"""

_FIND = f"""SELECT i.fingerprint, i.request_id, i.answer, i.claimed_at > now() - interval '{_KEPT}' AS kept,
                   i.claimed_at > now() - interval '{_DECIDING}' AS deciding,
                   running.request_id IS NOT NULL AS running, ended.outcome
            FROM idempotent_requests AS i
            LEFT JOIN running_requests AS running
                 ON running.workspace_id = i.workspace_id AND running.request_id = i.request_id
            LEFT JOIN requests AS ended ON ended.workspace_id = i.workspace_id AND ended.request_id = i.request_id
            WHERE i.workspace_id = $1 AND i.key_id = $2 AND i.name = $3 FOR UPDATE OF i"""  # noqa: S608

_TAKE_OVER = """UPDATE idempotent_requests
                SET fingerprint = $4, request_id = $5, claimed_at = now(), answer = NULL
                WHERE workspace_id = $1 AND key_id = $2 AND name = $3"""

_KEEP = """UPDATE idempotent_requests SET answer = $5
           WHERE workspace_id = $1 AND key_id = $2 AND name = $3 AND request_id = $4"""

_DROP = "DELETE FROM idempotent_requests WHERE workspace_id = $1 AND key_id = $2 AND name = $3 AND request_id = $4"


@dataclass(frozen=True, slots=True)
class Claim:
    """This request is the one that answers for its Idempotency-Key."""

    workspace_id: WorkspaceId
    key_id: KeyId
    name: bytes
    request_id: RequestId
    secret: bytes


@dataclass(frozen=True, slots=True)
class Replay:
    """The answer an earlier request got, and its id."""

    request_id: RequestId
    content: bytes


def check_header(value: str) -> str:
    """Return a usable Idempotency-Key. Errors: InvalidValue."""
    if not 0 < len(value) <= LONGEST_KEY or not value.isascii() or not value.isprintable():
        raise InvalidValue(f"An Idempotency-Key is 1 to {LONGEST_KEY} printable ASCII characters.", param=HEADER)
    return value


async def claim(
    pool: asyncpg.Pool, key: str, name: str, request: bytes, request_id: RequestId
) -> Claim | Replay | None:
    """Claim an Idempotency-Key for a request, or return what it got before. None: the API key may not be used now.

    key      the API key in clear: the stored answer opens with it alone
    request  what must be the same for it to be the same request: endpoint and body
    Errors   IdempotencyInProgress, IdempotencyKeyMismatch, ServiceUnavailable; UnsupportedParameter when the answer was
             too large to be kept
    """
    named, fingerprint = hashlib.sha256(name.encode()).digest(), hashlib.sha256(request).digest()
    async with transaction(pool) as connection:
        owner = await connection.fetchrow(_OWNER, digest(key))
        if owner is None:
            return None
        place = (owner["workspace_id"], owner["key_id"], named)
        mine = Claim(*place, request_id, _secret(key, named))
        if await connection.execute(_CLAIM, *place, fingerprint, request_id) == "INSERT 0 1":
            return mine
        found = await connection.fetchrow(_FIND, *place)
        if found is None:  # given back a moment ago
            await connection.execute(_CLAIM, *place, fingerprint, request_id)
            return mine
        answered = found["kept"] and found["outcome"] == Outcome.COMPLETED and found["answer"] is not None
        running = found["running"] or (found["deciding"] and found["outcome"] is None)
        if (answered or running) and found["fingerprint"] != fingerprint:
            raise IdempotencyKeyMismatch
        if running:
            raise IdempotencyInProgress(retry_after=1)
        if answered:
            first = RequestId(found["request_id"])
            if found["answer"] == _TOO_LARGE:
                raise UnsupportedParameter(
                    f"This Idempotency-Key was answered and charged as {show('req', first)}; answers above "
                    f"{LARGEST_ANSWER >> 20} MiB are not kept. To have a new one made, send a new key.",
                    param=HEADER,
                )
            return Replay(first, _open(mine.secret, found["answer"], first.bytes))
        await connection.execute(_TAKE_OVER, *place, fingerprint, request_id)
        return mine


async def keep(pool: asyncpg.Pool, claim: Claim, content: bytes) -> None:
    """Store the answer of a claim; it counts once its request is charged. Errors: ServiceUnavailable.

    Of an answer above LARGEST_ANSWER it is stored only that there was one.
    """
    fits = len(content) <= LARGEST_ANSWER
    sealed = _seal(claim.secret, content, claim.request_id.bytes) if fits else _TOO_LARGE
    async with borrow(pool) as connection:
        await connection.execute(_KEEP, claim.workspace_id, claim.key_id, claim.name, claim.request_id, sealed)


async def give_back(pool: asyncpg.Pool, claim: Claim) -> None:
    """Let go of a claim whose request failed: failures are not stored."""
    async with borrow(pool) as connection:
        await connection.execute(_DROP, claim.workspace_id, claim.key_id, claim.name, claim.request_id)


async def forget_old(connection: Connection) -> int:
    """Delete what is kept no longer, and return how much that was."""
    status: str = await connection.execute(
        f"DELETE FROM idempotent_requests WHERE claimed_at < now() - interval '{_KEPT}'"  # noqa: S608
    )
    return int(status.rpartition(" ")[2])


def _secret(key: str, name: bytes) -> bytes:
    return HKDF(SHA256(), length=32, salt=name, info=b"omna idempotent answer").derive(key.encode())


def _seal(secret: bytes, content: bytes, bound_to: bytes) -> bytes:
    nonce = os.urandom(_NONCE_BYTES)
    return nonce + AESGCM(secret).encrypt(nonce, content, bound_to)


def _open(secret: bytes, sealed: bytes, bound_to: bytes) -> bytes:
    try:
        return AESGCM(secret).decrypt(sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], bound_to)
    except InvalidTag:
        raise AssertionError("a stored answer does not open with the key that stored it") from None
