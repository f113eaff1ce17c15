"""Whatever comes in: no traceback, and each refusal names field, value and what is allowed. 10,000 small inputs."""

import json
import random
from copy import deepcopy
from pathlib import Path
from typing import Any

import orjson
import pytest

from support.command import Claimtrail

ODD: tuple[Any, ...] = (
    *(None, True, 0, -1, 1.5, 2**53, 1e300, "", " ", "\x00", "\x1b[2J", "é", "\U0001f600", "x" * 300, "2026-13-01"),
    *("2026-03-02T09:00:00", "9999-12-31T23:59:59-23:59", "97112", "PT", [], {}, [None], {"": 1}, ["R26.81"]),
)
BYTES = (b"", b"{", b"null", b"[[", b"\xff", b'"', b'{"a":1e999}', b'{"a":1,"a":2}', b"[" * 200, b"\x00", b"NaN", b"-")
DAY: dict[str, Any] = {
    "payer": "medicare",
    "discipline": "PT",
    "date_of_service": "2026-03-02",
    "intervals": [
        {"code": "97112", "start": "2026-03-02T09:00:00-05:00", "end": "2026-03-02T09:28:00-05:00", "role": "PT"},
        {"code": "97530", "minutes": 16, "performer": {"id": "a", "role": "PTA"}, "contact": "group"},
    ],
}


def places(value: Any) -> list[tuple[Any, Any]]:
    if isinstance(value, dict):
        return [place for key, inner in value.items() for place in [(value, key), *places(inner)]]
    if isinstance(value, list):
        return [place for index, inner in enumerate(value) for place in [(value, index), *places(inner)]]
    return []


def mutated(document: dict[str, Any], chance: random.Random) -> dict[str, Any]:
    made = deepcopy(document)
    for _ in range(chance.randint(1, 3)):
        holder, key = chance.choice(places(made) or [(made, "x")])
        what = chance.randrange(4)
        if what == 0 and isinstance(holder, dict):
            holder.pop(key, None)
        elif what == 1 and isinstance(holder, dict):
            holder[f"{key}x"] = holder.pop(key, None)
        else:
            holder[key] = deepcopy(chance.choice(ODD))
    return made


def torn(line: bytes, chance: random.Random) -> bytes:
    """A line with bytes cut out, put in or changed; never a line feed."""
    at = chance.randrange(len(line))
    cut = line[: at + chance.randrange(3)] if chance.random() < 0.3 else line
    put = chance.choice(BYTES)
    return (cut[:at] + put + cut[at + chance.randrange(4) :]).replace(b"\n", b" ")


def tells_all(error: dict[str, Any]) -> bool:
    return error.keys() == {"path", "value", "expected"} and error["path"] and len(error["expected"]) > 3


@pytest.mark.parametrize("seed", range(3))
def test_ingest_answers_whatever_comes(claimtrail: Claimtrail, simulated: bytes, tmp_path: Path, seed: int) -> None:
    chance = random.Random(seed)
    good = chance.sample(simulated.splitlines(), 500)
    events = [orjson.dumps(mutated(orjson.loads(chance.choice(good)), chance), default=str) for _ in range(1200)]
    lines = events + [torn(chance.choice(good), chance) for _ in range(800)]
    told = claimtrail("ingest", "-", "--json", "--data", tmp_path / "s", stdin=b"\n".join(lines))
    answer = told.json
    assert told.code == 1
    assert answer["events"] == sum(bool(line.strip()) for line in lines)
    assert sum(answer["counts"].values()) == answer["events"]
    assert answer["dead_letters"] == 0
    assert len(answer["results"]) == answer["counts"]["rejected"] + answer["counts"]["conflict"]
    for result in answer["results"]:
        assert result["errors"]
        assert all(tells_all(error) for error in result["errors"])


def test_a_timesheet_answers_whatever_comes(claimtrail: Claimtrail, tmp_path: Path) -> None:
    from suite.simulator import Simulation, csv_lines

    chance = random.Random(1)
    header, *rows = [line.encode().strip() for line in csv_lines(Simulation(clinics=1, days=5, seed=3))]
    for number in range(4):
        lines = [torn(chance.choice(rows), chance) for _ in range(250)]
        first = header if number else torn(header, chance)
        told = claimtrail("ingest", "--csv", "-", "--json", "--data", tmp_path / "s", stdin=b"\n".join([first, *lines]))
        assert told.code in (0, 1)
        assert all(tells_all(error) for result in told.json["results"] for error in result["errors"])


def test_units_answers_whatever_is_asked(claimtrail: Claimtrail) -> None:
    chance = random.Random(2)
    asked = [mutated(DAY, chance) for _ in range(2800)]
    told = claimtrail("units", "-", "--json", stdin=json.dumps(asked))
    assert len(told.json) == len(asked)
    for answer in told.json:
        assert tells_all(answer["error"]) if "error" in answer else answer["total_units"] >= 0
    document = orjson.dumps(DAY)
    for _ in range(200):
        alone = claimtrail("units", "-", *(("--json",) if chance.random() < 0.5 else ()), stdin=torn(document, chance))
        assert alone.code in (0, 1)
        assert alone.out or "is not accepted; expected" in alone.err
