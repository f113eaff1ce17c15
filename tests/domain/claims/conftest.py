"""`scene` is a clean Medicare visit to change; what a test's scenes find is held against findings.txt."""

from collections.abc import Iterator

import pytest

from support import told_findings
from support.scene import FOUND, Scene


@pytest.fixture
def scene() -> Scene:
    """A clean visit."""
    return Scene()


@pytest.fixture
def new_scene() -> type[Scene]:
    """The class, for visits that differ from the start."""
    return Scene


@pytest.fixture(scope="session")
def findings_told() -> Iterator[dict[str, list[str]]]:
    """What is written down of each test's findings."""
    if not told_findings.WRITING:
        yield told_findings.written()
        return
    found: dict[str, list[str]] = {}
    yield found
    told_findings.write({name: lines for name, lines in found.items() if lines})


@pytest.fixture(autouse=True)
def _findings_are_as_written(request: pytest.FixtureRequest, findings_told: dict[str, list[str]]) -> Iterator[None]:
    FOUND.clear()
    yield
    if hasattr(request.function, "hypothesis"):
        return
    name = f"{request.path.stem}::{request.node.name}"
    found = sorted(set(map(told_findings.line_of, FOUND)))
    if told_findings.WRITING:
        findings_told[name] = found
    elif name in findings_told:
        assert found == findings_told[name], told_findings.__doc__
