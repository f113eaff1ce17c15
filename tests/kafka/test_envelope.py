"""A message says what the log says, shows no id that a clinic gave a patient, and is believed as our relay sent it."""

from dataclasses import dataclass, field, replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from event_log.protocol import Recorded
from service_kit.kafka.envelope import LARGEST, Envelope, NotOurs, left_in_log
from service_kit.kafka.topics import partition_of

ENVELOPE = Envelope(b"k" * 32)
_text = st.text(st.characters(exclude_categories=("Cs",)), max_size=30)
_id = st.binary(min_size=16, max_size=16)
_instant = st.integers(0, 4_000_000_000_000_000)
_events = st.builds(
    Recorded,
    position=st.integers(1, 2**60),
    stream=_text,
    version=st.integers(1, 2**40),
    event_id=_id,
    type=st.sampled_from(["UnitsCalculated", "claimtrail.session.opened.v1"]),
    schema_version=st.integers(1, 99),
    case_id=st.none() | _id,
    org=_text,
    actor=_text,
    service=_text,
    occurred_at=_instant,
    recorded_at=_instant,
    causation_id=st.none() | _id,
    traceparent=st.none() | st.just("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"),
    fingerprint=st.none(),
    data=st.binary(min_size=2, max_size=300),
    leaf_hash=st.just(b""),
)


@dataclass(frozen=True)
class Got:
    key: bytes | None
    value: bytes | None
    headers: list[tuple[str, bytes]] = field(default_factory=list)
    topic: str = "therapy.units.v1"
    partition: int = 0
    offset: int = 0


def got(row: Recorded, envelope: Envelope = ENVELOPE) -> Got:
    return Got(*envelope.send(row, b"key"))


def example(**changes: object) -> Recorded:
    row = Recorded(
        position=7,
        stream="patient/northside/MRN-12345",
        version=1,
        event_id=b"e" * 16,
        type="claimtrail.patient.registered.v1",
        schema_version=1,
        case_id=None,
        org="northside",
        actor="/orgs/northside",
        service="session-capture",
        occurred_at=1,
        recorded_at=2,
        causation_id=None,
        traceparent=None,
        fingerprint=None,
        data=b'{"a":1}',
        leaf_hash=b"",
    )
    return row._replace(**changes)


@given(_events)
def test_what_is_sent_is_what_is_opened(row: Recorded) -> None:
    assert ENVELOPE.open(got(row)) == row


def test_no_key_and_no_header_shows_an_id_that_a_clinic_gave_to_a_patient() -> None:
    row = example()
    told = [ENVELOPE.key_of_stream(row.stream), *(value for _, value in got(row).headers)]
    assert not any(b"MRN-12345" in each for each in told)


def test_every_message_is_a_cloudevent_in_binary_mode() -> None:
    headers = dict(got(example()).headers)
    assert headers["ce_specversion"] == b"1.0"
    assert headers["ce_id"] == b"65656565-6565-6565-6565-656565656565"
    assert headers["ce_source"] == b"/orgs/northside/services/session-capture"
    assert headers["ce_type"] == b"claimtrail.patient.registered.v1"
    assert headers["ce_time"] == b"1970-01-01T00:00:00.000001+00:00"
    assert headers["content-type"] == b"application/json"


@pytest.mark.parametrize("header", ["ce_id", "ce_type", "ce_time", "ce_position", "ce_streamversion", "ce_seal"])
def test_a_message_whose_headers_were_changed_is_not_believed(header: str) -> None:
    sent = got(example())
    changed = [(name, value + b"1" if name == header else value) for name, value in sent.headers]
    for headers in (changed, [pair for pair in sent.headers if pair[0] != header]):
        with pytest.raises(NotOurs):
            ENVELOPE.open(replace(sent, headers=headers))


def test_a_message_whose_value_was_changed_is_not_believed() -> None:
    for value in (b'{"a":2}', b"", None):
        with pytest.raises(NotOurs):
            ENVELOPE.open(replace(got(example()), value=value))


def test_a_message_of_another_installation_is_not_believed() -> None:
    with pytest.raises(NotOurs):
        Envelope(b"o" * 32).open(got(example()))


def test_data_too_large_for_kafka_stays_in_the_log() -> None:
    row = example(data=b"x" * (LARGEST + 1))
    sent = got(row)
    assert sent.value is None
    assert left_in_log(ENVELOPE.open(sent))


def test_one_stream_has_one_key_and_other_installations_have_others() -> None:
    key = ENVELOPE.key_of_stream("patient/northside/p-1")
    assert key == Envelope(b"k" * 32).key_of_stream("patient/northside/p-1")
    assert key != Envelope(b"o" * 32).key_of_stream("patient/northside/p-1")
    assert key != ENVELOPE.key_of_stream("patient/northside/p-2")


def test_a_key_goes_to_the_partition_that_kafkas_own_clients_choose() -> None:
    # The answers of org.apache.kafka.common.utils.Utils.murmur2, made positive, modulo 12.
    assert [partition_of(key, range(12)) for key in (b"21", b"foobar", b"a-little-bit-long-string")] == MURMUR2


MURMUR2 = [(value & 0x7FFFFFFF) % 12 for value in (-973932308, -790332482, -985981536)]
"""From Kafka's UtilsTest.testMurmur2."""
