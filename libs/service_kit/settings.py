"""Every setting of the separate processes, in one typed place: environment variables, their defaults and what they do.

`docs/kafka.md` lists them; a test says that it lists all.
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any, Self


class BadSetting(Exception):
    """An environment variable whose value cannot be used."""

    code = "bad-setting"

    def __init__(self, variable: str, value: str | None, expected: str) -> None:
        self.variable, self.value, self.expected = variable, value, expected
        shown = "not set" if value is None else repr(value)
        super().__init__(f"{variable} is {shown}; expected {expected}")


def _setting(variable: str, default: Any, about: str) -> Any:
    return field(default=default, metadata={"variable": variable, "about": about})


@dataclass(frozen=True)
class Settings:
    """What `claimtrail serve` and `claimtrail topics` go by."""

    bootstrap: str = _setting("KAFKA_BOOTSTRAP_SERVERS", "", "Kafka's brokers, host:port, separated by commas")
    prefix: str = _setting("CLAIMTRAIL_KAFKA_PREFIX", "", "stands before every topic's and group's name")
    partitions: int = _setting(
        "CLAIMTRAIL_KAFKA_PARTITIONS", 12, "partitions of each topic; fixed when it is created, as keys go by it"
    )
    replication: int = _setting(
        "CLAIMTRAIL_KAFKA_REPLICATION", 0, "copies of each topic; 0 = as many as there are brokers, at most 3"
    )
    retention_hours: int = _setting("CLAIMTRAIL_KAFKA_RETENTION_HOURS", 168, "how long topics keep messages [h]")
    clinic_retention_hours: int = _setting(
        "CLAIMTRAIL_KAFKA_CLINIC_RETENTION_HOURS", 72, "the same for what clinics send: it is in the clear there [h]"
    )
    protocol: str = _setting("CLAIMTRAIL_KAFKA_PROTOCOL", "PLAINTEXT", "PLAINTEXT, SSL, SASL_PLAINTEXT or SASL_SSL")
    ca_file: str = _setting("CLAIMTRAIL_KAFKA_CA_FILE", "", "whom to trust with SSL; empty = what the system trusts")
    sasl_user: str = _setting("CLAIMTRAIL_KAFKA_USER", "", "the user, with SASL (SCRAM-SHA-512)")
    sasl_password_file: str = _setting("CLAIMTRAIL_KAFKA_PASSWORD_FILE", "", "a file with the password, with SASL")
    batch: int = _setting("CLAIMTRAIL_KAFKA_BATCH", 500, "messages worked on in one transaction")
    session_seconds: float = _setting(
        "CLAIMTRAIL_KAFKA_SESSION_SECONDS", 10.0, "a copy not heard of for so long loses its partitions [s]"
    )
    inbox_days: int = _setting("CLAIMTRAIL_INBOX_DAYS", 30, "how long seen event ids are remembered [days]")
    lease_seconds: float = _setting(
        "CLAIMTRAIL_LEASE_SECONDS", 8.0, "a relay or clock silent for so long is replaced by another copy [s]"
    )
    stalled_seconds: float = _setting(
        "CLAIMTRAIL_STALLED_SECONDS", 20.0, "a consumer that has messages but takes none for so long is restarted [s]"
    )
    spans: int = _setting(
        "CLAIMTRAIL_SPANS",
        100_000,
        "spans kept for `claimtrail trace`; 0 = none (commands but run and serve keep none)",
    )
    sweep_seconds: float = _setting(
        "CLAIMTRAIL_SWEEP_SECONDS", 30.0, "how often it is looked whether Kafka lost something [s]"
    )
    drain_seconds: float = _setting(
        "CLAIMTRAIL_DRAIN_SECONDS", 8.0, "what is in hand has so long to end after the signal to stop [s]"
    )

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] = os.environ) -> Self:
        """The settings as the variables say.

        Raises:  BadSetting: a value that cannot be read, or a number that is not positive.
        """
        given: dict[str, Any] = {}
        for each in fields(cls):
            variable = each.metadata["variable"]
            if text := environment.get(variable):
                given[each.name] = _read(variable, text, type(each.default))
        settings = cls(**given)
        if settings.protocol not in ("PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL"):
            raise BadSetting("CLAIMTRAIL_KAFKA_PROTOCOL", settings.protocol, "PLAINTEXT, SSL, SASL_PLAINTEXT, SASL_SSL")
        return settings

    def brokers(self) -> str:
        """Where Kafka is.

        Raises:  BadSetting: nobody said so.
        """
        if not self.bootstrap:
            raise BadSetting("KAFKA_BOOTSTRAP_SERVERS", None, "Kafka's brokers, host:port, separated by commas")
        return self.bootstrap


_MAY_BE_0 = ("CLAIMTRAIL_KAFKA_REPLICATION", "CLAIMTRAIL_SPANS")


def _read(variable: str, text: str, kind: type) -> Any:
    if kind is str:
        return text
    try:
        number = kind(text)
    except ValueError:
        raise BadSetting(variable, text, "a number" if kind is float else "a whole number") from None
    least = 0 if variable in _MAY_BE_0 else 1e-3
    if number < least:
        raise BadSetting(variable, text, "a number above 0")
    return number


def documented() -> list[tuple[str, str, str]]:
    """Each setting's variable, default and meaning."""
    return [(each.metadata["variable"], str(each.default), each.metadata["about"]) for each in fields(Settings)]
