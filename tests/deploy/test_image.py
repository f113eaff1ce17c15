"""One image for every service: small, pinned, of nobody's rights, built from the repository alone."""

import re

from support.deployment import DOCKERFILE, OUR_IMAGE, PORT, ROOT, version

TEXT = DOCKERFILE.read_text()
LINES = TEXT.splitlines()


def test_it_stands_on_a_pinned_slim_python() -> None:
    (base,) = re.findall(r"^ARG PYTHON=(.+)$", TEXT, re.MULTILINE)
    assert re.fullmatch(r"python:3\.11(\.\d+)?-slim-\w+", base)
    assert re.findall(r"^FROM (\S+)", TEXT, re.MULTILINE) == ["${PYTHON}", "${PYTHON}"]


def test_nothing_is_installed_but_what_the_constraints_name() -> None:
    installs = [line for line in re.split(r"(?<!\\)\n|&&", TEXT) if " install " in line and "pip" in line]
    assert len(installs) == 3
    assert all("--constraint constraints.txt" in line or "--no-deps" in line for line in installs)
    pinned = {line.partition("==")[0] for line in (ROOT / "constraints.txt").read_text().splitlines()}
    assert "setuptools" in pinned  # it builds our wheel


def test_it_runs_as_nobody_of_the_host() -> None:
    users = [line.split()[1] for line in LINES if line.startswith("USER ")]
    assert users == ["10001:10001"]
    assert LINES.index("USER 10001:10001") > max(n for n, line in enumerate(LINES) if line.startswith("RUN"))


def test_it_says_how_to_ask_for_its_health() -> None:
    assert "HEALTHCHECK" in TEXT
    assert f"http://127.0.0.1:{PORT}/readyz" in TEXT
    assert f"EXPOSE {PORT}" in LINES


def test_make_gives_it_the_number_of_this_release() -> None:
    assert f"--tag {OUR_IMAGE}:{version()} ." in (ROOT / "Makefile").read_text()


def test_what_it_is_built_from_is_listed_and_there() -> None:
    ignored = (ROOT / ".dockerignore").read_text().splitlines()
    assert "*" in ignored
    kept = {line[1:] for line in ignored if line.startswith("!")}
    copies = [line.split()[1:-1] for line in LINES if line.startswith("COPY ") and "--from" not in line]
    copied = {word for words in copies for word in words}
    assert copied == kept
    assert all((ROOT / name).exists() for name in kept)
