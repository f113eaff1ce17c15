"""Settings are environment variables: typed, checked, documented."""

from pathlib import Path

import pytest

from service_kit.settings import BadSetting, Settings, documented

DOCS = Path(__file__).parents[2] / "docs" / "kafka.md"


def test_without_variables_the_defaults_hold() -> None:
    assert Settings.from_environment({}) == Settings()


def test_a_variable_is_read_as_its_type() -> None:
    read = Settings.from_environment({"CLAIMTRAIL_KAFKA_PARTITIONS": "7", "CLAIMTRAIL_LEASE_SECONDS": "2.5"})
    assert (read.partitions, read.lease_seconds) == (7, 2.5)


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("CLAIMTRAIL_KAFKA_PARTITIONS", "many"),
        ("CLAIMTRAIL_KAFKA_PARTITIONS", "0"),
        ("CLAIMTRAIL_KAFKA_PARTITIONS", "1.5"),
        ("CLAIMTRAIL_LEASE_SECONDS", "-1"),
        ("CLAIMTRAIL_SPANS", "-1"),
        ("CLAIMTRAIL_KAFKA_PROTOCOL", "TELEPATHY"),
    ],
)
def test_a_value_that_cannot_be_used_is_named(variable: str, value: str) -> None:
    with pytest.raises(BadSetting, match=variable) as told:
        Settings.from_environment({variable: value})
    assert value in str(told.value)


def test_who_needs_kafka_is_told_where_to_say_where_it_is() -> None:
    with pytest.raises(BadSetting, match="KAFKA_BOOTSTRAP_SERVERS"):
        Settings().brokers()


def test_the_docs_list_every_setting_with_its_default() -> None:
    text = DOCS.read_text()
    for variable, default, about in documented():
        assert f"| `{variable}` | {default} | {about} |" in text
