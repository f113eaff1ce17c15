"""Sealing bytes with a key: AES-GCM, a fresh nonce each time, what they belong to as associated data."""

import os

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from event_log.errors import LogError

_FORMAT = b"\x01"
_NONCE = 12
_SHORTEST = len(_FORMAT) + _NONCE + 16


class SealBroken(LogError):
    """Sealed bytes that were changed, or belong to something else, or were sealed with another key."""

    code = "seal-broken"

    def __init__(self, subject: str) -> None:
        self.subject = subject
        super().__init__(f"what was sealed for {subject} cannot be opened: changed, moved, or another key")


def seal(cipher: AESGCM, plaintext: bytes, aad: bytes) -> bytes:
    """Format byte, nonce, ciphertext with tag: 29 bytes longer than the plaintext."""
    nonce = os.urandom(_NONCE)
    return _FORMAT + nonce + cipher.encrypt(nonce, plaintext, aad)


def unseal(cipher: AESGCM, sealed: bytes, aad: bytes, subject: str) -> bytes:
    """What was sealed with this key and this associated data. Raises: SealBroken."""
    if len(sealed) < _SHORTEST or sealed[:1] != _FORMAT:
        raise SealBroken(subject)
    try:
        return cipher.decrypt(sealed[1 : 1 + _NONCE], sealed[1 + _NONCE :], aad)
    except InvalidTag as error:
        raise SealBroken(subject) from error
