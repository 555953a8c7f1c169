"""A passkey authenticator in software: makes ES256 keys and signs what a browser would, with faults on request."""

import base64
import hashlib
import json
import secrets
from dataclasses import dataclass, field
from typing import Any

import cbor2
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256

_PRESENT, _VERIFIED, _BACKUP_ELIGIBLE, _BACKED_UP, _NEW_KEY = 0x01, 0x04, 0x08, 0x10, 0x40


def encode(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def decode(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


@dataclass
class Key:
    """One passkey on the device. `counter` None does not count, as synchronised keys do not."""

    credential_id: bytes
    private: ec.EllipticCurvePrivateKey
    rp_id: str
    user_handle: bytes
    counter: int | None


@dataclass
class Authenticator:
    """A device with keys, and the browser in front of it.

    origin                   where the browser says the page is
    present, verified        the flags that its answers carry
    cross_origin             the page is framed by another one
    counting                 whether new keys count
    """

    origin: str = "http://localhost:5108"
    present: bool = True
    verified: bool = True
    cross_origin: bool = False
    counting: bool = True
    backed_up: bool = False
    keys: list[Key] = field(default_factory=list)

    def create(self, options: dict[str, Any], *, rp_id: str | None = None, kind: str = "webauthn.create") -> Any:
        """Return the answer to creation options, as RegistrationResponseJSON."""
        key = Key(
            credential_id=secrets.token_bytes(32),
            private=ec.generate_private_key(ec.SECP256R1()),
            rp_id=options["rp"]["id"],
            user_handle=decode(options["user"]["id"]),
            counter=0 if self.counting else None,
        )
        self.keys.append(key)
        numbers = key.private.public_key().public_numbers()
        cose = {1: 2, 3: -7, -1: 1, -2: numbers.x.to_bytes(32, "big"), -3: numbers.y.to_bytes(32, "big")}
        data = (
            self._head(rp_id or key.rp_id, key, _NEW_KEY)
            + bytes(16)
            + len(key.credential_id).to_bytes(2, "big")
            + key.credential_id
            + cbor2.dumps(cose)
        )
        return self._answer(
            key,
            {
                "clientDataJSON": encode(self._client_data(kind, options["challenge"])),
                "attestationObject": encode(cbor2.dumps({"fmt": "none", "attStmt": {}, "authData": data})),
                "transports": ["internal", "hybrid"],
            },
        )

    def get(
        self,
        options: dict[str, Any],
        *,
        key: Key | None = None,
        rp_id: str | None = None,
        kind: str = "webauthn.get",
        counter: int | None = None,
        user_handle: bytes | None = None,
        signer: ec.EllipticCurvePrivateKey | None = None,
    ) -> Any:
        """Return the answer to request options, as AuthenticationResponseJSON.

        counter     what it says instead of counting on
        signer      another key that signs
        """
        allowed = {decode(item["id"]) for item in options.get("allowCredentials", [])}
        key = key or next(key for key in self.keys if not allowed or key.credential_id in allowed)
        if key.counter is not None:
            key.counter = key.counter + 1 if counter is None else counter
        data = self._head(rp_id or key.rp_id, key, 0)
        client_data = self._client_data(kind, options["challenge"])
        signed = data + hashlib.sha256(client_data).digest()
        return self._answer(
            key,
            {
                "clientDataJSON": encode(client_data),
                "authenticatorData": encode(data),
                "signature": encode((signer or key.private).sign(signed, ec.ECDSA(SHA256()))),
                "userHandle": encode(key.user_handle if user_handle is None else user_handle),
            },
        )

    def _head(self, rp_id: str, key: Key, flags: int) -> bytes:
        flags |= _PRESENT if self.present else 0
        flags |= _VERIFIED if self.verified else 0
        flags |= _BACKUP_ELIGIBLE | _BACKED_UP if self.backed_up else 0
        return hashlib.sha256(rp_id.encode()).digest() + bytes([flags]) + (key.counter or 0).to_bytes(4, "big")

    def _client_data(self, kind: str, challenge: str) -> bytes:
        return json.dumps(
            {"type": kind, "challenge": challenge, "origin": self.origin, "crossOrigin": self.cross_origin}
        ).encode()

    @staticmethod
    def _answer(key: Key, response: dict[str, Any]) -> dict[str, Any]:
        identifier = encode(key.credential_id)
        return {
            "id": identifier,
            "rawId": identifier,
            "type": "public-key",
            "response": response,
            "clientExtensionResults": {},
            "authenticatorAttachment": "platform",
        }
