"""What a long look back works with, wherever it works."""

from typing import NamedTuple
from zlib import crc32

from audit.history import ReadableCodec
from rule_releases.rulesets import Rulesets
from service_kit.reading import Reader


class Past(NamedTuple):
    """A log, opened to read all of it."""

    read: Reader
    codec: ReadableCodec
    rulesets: Rulesets


def kind_of(org: str, patient_id: str) -> int:
    """A number for a patient: work on the same one is done by the same worker, who has the chart and the facts."""
    return crc32(f"{org}/{patient_id}".encode())
