"""The auditor's guide says what is so: its example is run, and prints what the guide shows."""

import shlex
from collections.abc import Iterator
from pathlib import Path

import orjson

from support import january_2020
from support.command import Claimtrail

DOCS = Path(__file__).parents[2] / "docs"
EXAMPLE = DOCS / "examples" / "january-2020"


def spoken(page: str) -> Iterator[tuple[list[str], list[str]]]:
    """Each command of the section on January 2020, and the lines that it is said to print."""
    words: list[str] = []
    told: list[str] = []
    for line in page.partition("## A file that was withdrawn")[2].partition("\n## ")[0].splitlines():
        if line.startswith("    $ claimtrail "):
            if words:
                yield words, told
            words, told = shlex.split(line)[2:], []
        elif line.startswith("    "):
            told.append(line.strip())
    yield words, told


def expanded(word: str) -> list[Path | str]:
    if "/" not in word and not word.endswith(".jsonl"):
        return [word]
    return [*sorted(EXAMPLE.glob(word))]


def test_the_example_prints_what_the_guide_shows(claimtrail: Claimtrail, tmp_path: Path) -> None:
    shown = 0
    for words, told in spoken((DOCS / "auditors.md").read_text()):
        ended = claimtrail(*(part for word in words for part in expanded(word)), "--data", tmp_path / "store")
        assert ended.code == 0, ended.err
        printed = [" ".join(line.split()) for line in ended.out.splitlines()]
        assert [line for line in map(" ".join, map(str.split, told)) if line not in printed] == []
        shown += len(told)
    assert shown > 15


def test_the_examples_files_are_those_of_the_tests(tmp_path: Path) -> None:
    january_2020.published(tmp_path)
    january_2020.withdrawn(tmp_path)
    made = {file.relative_to(tmp_path): file.read_bytes() for file in tmp_path.rglob("*.txt")}
    kept = {file.relative_to(EXAMPLE): file.read_bytes() for file in EXAMPLE.rglob("*.txt")}
    assert made == kept
    events = [*january_2020.references("p-1")]
    for patient in ("p-2", "p-3"):
        events += january_2020.references(patient, whole=False)
    events += january_2020.evaluated_and_treated("s-1", "p-1", 9, "59")
    events += january_2020.evaluated_and_treated("s-2", "p-2", 11)
    events += january_2020.treated("s-3", "p-3", 13)
    assert [orjson.loads(line) for line in (EXAMPLE / "visits.jsonl").read_bytes().splitlines()] == events
