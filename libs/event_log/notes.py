"""Signed notes: a text, and below it lines that sign it with Ed25519.

Source: c2sp.org/signed-note.
"""

import base64
import binascii
from hashlib import sha256
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from event_log.keyfiles import KeyUnusable, load_or_create

_ED25519 = b"\x01"
_RAW = (serialization.Encoding.Raw, serialization.PublicFormat.Raw)


class BadNote(ValueError):
    """Not a signed note, or not signed by the key asked for."""


def _key_id(name: str, public: bytes) -> bytes:
    return sha256(name.encode() + b"\n" + _ED25519 + public).digest()[:4]


class Verifier:
    """The public half of a log's key, as its one-line text `name+id+key` (a C2SP vkey)."""

    def __init__(self, name: str, public: bytes) -> None:
        self.name = name
        self._public = public
        self._id = _key_id(name, public)
        self._key = Ed25519PublicKey.from_public_bytes(public)

    @classmethod
    def parse(cls, vkey: str) -> "Verifier":
        """Raises: BadNote."""
        try:
            name, key_id, encoded = vkey.strip().split("+", 2)
            key = base64.b64decode(encoded, validate=True)
            verifier = cls(name, key[1:])
            whole = key[:1] == _ED25519 and bytes.fromhex(key_id) == _key_id(name, key[1:])
        except (ValueError, binascii.Error) as error:
            raise BadNote(f"not a public key (name+id+base64): {vkey!r}") from error
        if not name or not whole:
            raise BadNote(f"not an Ed25519 public key, or its id does not fit: {vkey!r}")
        return verifier

    @property
    def vkey(self) -> str:
        """The key as text."""
        return f"{self.name}+{self._id.hex()}+{base64.b64encode(_ED25519 + self._public).decode()}"

    def open(self, note: str) -> str:
        """The note's text when this key signed it. Raises: BadNote."""
        text, separator, signatures = note.rpartition("\n\n")
        if not separator:
            raise BadNote("no empty line between text and signatures")
        text += "\n"
        for line in signatures.splitlines():
            dash, _, rest = line.partition(" ")
            name, _, encoded = rest.partition(" ")
            if dash != "—" or name != self.name:
                continue
            try:
                signature = base64.b64decode(encoded, validate=True)
                if signature[:4] == self._id:
                    self._key.verify(signature[4:], text.encode())
                    return text
            except (binascii.Error, InvalidSignature) as error:
                raise BadNote(f"the signature by {self.name} does not hold") from error
        raise BadNote(f"not signed by {self.name}")


class Signer:
    """A log's signing key and its name, which is also the origin of its checkpoints."""

    def __init__(self, key: Ed25519PrivateKey) -> None:
        public = key.public_key().public_bytes(*_RAW)
        self._key = key
        self.verifier = Verifier(f"claimtrail/{sha256(public).hexdigest()[:16]}", public)
        self.name = self.verifier.name
        self.vkey = self.verifier.vkey

    @classmethod
    def in_directory(cls, directory: Path) -> "Signer":
        """The installation's key `signing.pem`, made on first use; its public half stands beside it.

        Raises: KeyUnusable.
        """
        path = directory / "signing.pem"
        pem = load_or_create(path, _new_key)
        try:
            key = serialization.load_pem_private_key(pem, password=None)
        except (ValueError, TypeError) as error:
            raise KeyUnusable(path, "signing key") from error
        if not isinstance(key, Ed25519PrivateKey):
            raise KeyUnusable(path, "Ed25519 signing key")
        signer = cls(key)
        load_or_create(directory / "signing.vkey", f"{signer.vkey}\n".encode)
        return signer

    def sign(self, text: str) -> str:
        """The note of this text, which ends with a line break."""
        signature = self.verifier._id + self._key.sign(text.encode())  # noqa: SLF001 - our other half
        return f"{text}\n— {self.name} {base64.b64encode(signature).decode()}\n"


def _new_key() -> bytes:
    return Ed25519PrivateKey.generate().private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
