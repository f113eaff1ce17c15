"""Dead letters and parked messages are also told to their topic, each at least once, by one copy at a time."""

import asyncio
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from faststream.kafka.security import parse_security

from service_kit.dead_letters import Failure, set_aside
from service_kit.kafka.consumer import _security
from service_kit.kafka.copies import Copier
from service_kit.kafka.intake import parked_row
from service_kit.kafka.receipts import ParkedMessage
from service_kit.kafka.topics import connection
from service_kit.settings import Settings
from service_kit.tables import RowWrites, upsert
from suite.distributed import members
from suite.installation import Installation
from suite.topics import DEAD_LETTERS
from support.distributed import all_messages, until
from support.messages import Message
from support.store import opened, send
from support.visits import reference, visit


def copier(store: Installation, settings: Settings) -> Copier:
    _, letters = members.consumer_of(store, members.services()["claim-validation"], settings)
    return members.copier_of(store, settings, "test", {DEAD_LETTERS: letters})


def uncopied(store: Installation) -> int:
    tables = ("dead_letter", "parked_message")
    asked = [f"SELECT count(*) FROM {table} WHERE copied = 0" for table in tables]
    return sum(store.log.connection().execute(each).fetchone()[0] for each in asked)


def test_what_was_set_aside_is_told_with_its_reason(settings: Settings, tmp_path: Path) -> None:
    with opened(tmp_path) as store:
        send(store, [*reference(), *visit()])
        (row,) = store.log.read_all(0, 1)
        failed = Failure("ValueError", "ValueError at decider.py:7 in decide", 5)
        aside = set_aside("claim-validation", "case-1", [row], failed, datetime.now(UTC))
        statement = upsert(ParkedMessage)
        strange = Message("therapy.units.v1", 3, 17, b"key", b"\xff\xfe", [("who", b"\xff")])
        kept = statement.values(parked_row("claim-validation", strange, "no seal", 1))
        store.log.commit((), service="test", rows=RowWrites([*aside.rows, (statement, kept)]))

        async def run() -> list[Any]:
            first, second = copier(store, settings), copier(store, settings)
            first.start()
            second.start()
            await until(lambda: uncopied(store) == 0, "all is told")
            await first.stop()
            await second.stop()
            return await all_messages(settings, [settings.prefix + DEAD_LETTERS.name])

        letter, parked = sorted(asyncio.run(run()), key=lambda message: message.value == b"\xff\xfe")
        headers = dict(letter.headers)
        assert (letter.value, headers["ce_type"]) == (row.data, row.type.encode())
        assert headers["claimtrail_service"] == b"claim-validation"
        assert headers["claimtrail_reason"] == failed.reason.encode()
        assert headers["claimtrail_attempts"] == b"5"
        assert (parked.key, parked.value, dict(parked.headers)["who"]) == (b"key", b"\xff\xfe", b"\xff")
        assert dict(parked.headers)["claimtrail_origin"] == b"therapy.units.v1/3/17"


@pytest.mark.parametrize("protocol", ["PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL"])
def test_every_client_is_told_how_to_reach_the_brokers(protocol: str, tmp_path: Path) -> None:
    (tmp_path / "password").write_text("secret\n")
    settings = Settings(
        bootstrap="kafka:9093", protocol=protocol, sasl_user="u", sasl_password_file=str(tmp_path / "password")
    )
    words, by_faststream = connection(settings), parse_security(_security(settings))
    assert words["security_protocol"] == protocol
    assert words.get("sasl_plain_password") == ("secret" if protocol.startswith("SASL") else None)
    assert ("ssl_context" in words) == protocol.endswith("SSL")
    told = {name: value for name, value in words.items() if name.startswith("sasl")}
    assert told.items() <= by_faststream.items()
    assert by_faststream.get("security_protocol", "PLAINTEXT") == protocol
