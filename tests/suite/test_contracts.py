"""What others build on: the AsyncAPI document, and the schemas that were given out."""

import fcntl
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import orjson
import pytest
import yaml

from suite.contracts.asyncapi import document, text
from suite.contracts.schemas import documents
from suite.topics import ALL
from support.command import Claimtrail
from support.compatible import Pair
from therapy_domain.events import REGISTRY

DOCS = Path(__file__).parents[2] / "docs"
PARSER = "@asyncapi/parser@3.6.3"
CHECK = """
import {Parser} from '@asyncapi/parser';
import fs from 'fs';
const {document, diagnostics} = await new Parser().parse(fs.readFileSync(process.argv[2], 'utf8'));
for (const each of diagnostics.filter(each => each.severity === 0)) console.log(each.code, each.path.join('/'));
if (document) console.log(`${document.channels().all().length} channels`);
"""


def test_the_asyncapi_document_in_the_docs_is_todays() -> None:
    assert (DOCS / "asyncapi.yaml").read_text() == text(), "claimtrail asyncapi > docs/asyncapi.yaml"


def test_the_command_prints_it_and_writes_the_schemas(claimtrail: Claimtrail, tmp_path: Path) -> None:
    assert claimtrail("asyncapi").out == text()
    claimtrail("asyncapi", "--schemas", tmp_path)
    assert {each.name: each.read_bytes() for each in tmp_path.iterdir()} == documents()


def test_every_topic_and_every_event_is_described() -> None:
    made = document()
    assert {channel["address"] for channel in made["channels"].values()} == {topic.name for topic in ALL}
    told = {name for channel in made["channels"].values() for name in channel["messages"]}
    assert {event.__name__ for event in REGISTRY.values()} <= told


def test_no_personal_field_is_described_in_the_clear_behind_the_door() -> None:
    made = document()
    for name, message in made["components"]["messages"].items():
        event = next((each for each in REGISTRY.values() if each.__name__ == message["name"]), None)
        if event is None or name.endswith("@clinic"):
            continue
        stored = (
            message["payload"]["properties"]["data"] if event.type.startswith("claimtrail.") else message["payload"]
        )
        for field in event.personal:
            assert stored["properties"][event.model_fields[field].alias or field] == {
                "$ref": "#/components/schemas/Sealed"
            }


@pytest.fixture(scope="session")
def parser() -> Path:
    """A folder with the official parser in it."""
    required = os.environ.get("CI") or os.environ.get("CLAIMTRAIL_REQUIRE_SERVERS")
    if shutil.which("node") is None or shutil.which("npm") is None:
        (pytest.fail if required else pytest.skip)("there is no node to run the official AsyncAPI parser")
    cache = Path(os.environ.get("CLAIMTRAIL_CACHE") or Path.home() / ".cache" / "claimtrail")
    folder = cache / "asyncapi-parser-3.6.3"
    folder.mkdir(parents=True, exist_ok=True)
    with (cache / "asyncapi.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (folder / "complete").exists():
            command = ["npm", "install", "--silent", "--no-audit", "--no-fund", "--prefix", str(folder), PARSER]
            fetched = subprocess.run(command, capture_output=True, text=True, check=False, timeout=600)
            if fetched.returncode:
                (pytest.fail if required else pytest.skip)(f"the parser cannot be fetched: {fetched.stderr[-300:]}")
            (folder / "complete").touch()
        (folder / "check.mjs").write_text(CHECK)
    return folder


def judged(parser: Path, file: Path) -> list[str]:
    command = ["node", str(parser / "check.mjs"), str(file)]
    return subprocess.run(command, capture_output=True, text=True, check=True, timeout=120).stdout.splitlines()


def test_the_official_parser_finds_no_fault_in_it(parser: Path) -> None:
    assert judged(parser, DOCS / "asyncapi.yaml") == [f"{len(ALL)} channels"]


def test_the_official_parser_does_find_faults(parser: Path, tmp_path: Path) -> None:
    broken = document()
    broken["operations"]["relay-sends-therapy-units-v1"]["channel"] = {"$ref": "#/channels/nowhere"}
    (tmp_path / "broken.yaml").write_text(yaml.safe_dump(broken))
    assert judged(parser, tmp_path / "broken.yaml")


def given_out() -> dict[str, Any]:
    return {path.name: orjson.loads(path.read_bytes()) for path in (DOCS / "schemas").iterdir()}


def test_every_event_has_a_schema_in_the_docs() -> None:
    assert given_out().keys() == documents().keys(), "claimtrail asyncapi --schemas docs/schemas"


@pytest.mark.parametrize("name", sorted(documents()))
def test_todays_events_are_compatible_with_the_schemas_given_out(name: str) -> None:
    assert Pair(given_out()[name], orjson.loads(documents()[name])).breaks() == []


OLD: dict[str, Any] = {
    "type": "object",
    "required": ["a"],
    "properties": {
        "a": {"type": "integer", "minimum": 0},
        "b": {"anyOf": [{"type": "string", "maxLength": 9}, {"type": "null"}]},
        "c": {"type": "array", "items": {"$ref": "#/$defs/C"}},
    },
    "$defs": {"C": {"type": "object", "properties": {"d": {"enum": ["x", "y"]}}}},
}


def changed(path: str, value: Any) -> dict[str, Any]:
    new = orjson.loads(orjson.dumps(OLD))
    at, *steps = new, *path.split("/")
    for step in steps[:-1]:
        at = at[int(step) if isinstance(at, list) else step]
    at[steps[-1]] = value
    return dict(new)


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("properties/e", {"type": "string"}),
        ("required", []),
        ("properties/a/type", "number"),
        ("properties/a/minimum", -1),
        ("properties/b/anyOf/0/maxLength", 10),
        ("$defs/C/properties/d/enum", ["x", "y", "z"]),
    ],
)
def test_more_than_before_is_compatible(path: str, value: Any) -> None:
    assert Pair(OLD, changed(path, value)).breaks() == []


@pytest.mark.parametrize(
    ("path", "value", "told"),
    [
        ("properties", {"a": {"type": "integer"}, "b": {}}, "$.c: is gone"),
        ("required", ["a", "b"], "$.b: is required now"),
        ("properties/a/type", "string", "$.a: is no ['integer'] any more"),
        ("properties/a/minimum", 1, "$.a: minimum is 1 now"),
        ("properties/b", {"type": "null"}, "$.b: is no ['string'] any more"),
        ("properties/b/anyOf/0/maxLength", 8, "$.b: maxLength is 8 now"),
        ("properties/b/anyOf/0/pattern", "x", "$.b: pattern is another"),
        ("$defs/C/properties/d/enum", ["x"], "$.c[].d: fewer values are allowed"),
        ("$defs/C/additionalProperties", False, "$.c[]: takes no other fields any more"),
    ],
)
def test_less_than_before_is_not(path: str, value: Any, told: str) -> None:
    assert told in Pair(OLD, changed(path, value)).breaks()
