"""The command as a process of its own: signals, pipes, and the whole suite behind a port."""

import json
import os
import re
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

START = [sys.executable, "-c", "from suite.cli import main; main()"]


@contextmanager
def started(*words: object, **settings: object) -> Iterator[subprocess.Popen[bytes]]:
    command = [*START, *(str(word) for word in words)]
    process = subprocess.Popen(command, stderr=subprocess.PIPE, **settings)  # type: ignore[call-overload]  # settings by name
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def test_run_serves_drains_and_ends_clean(tmp_path: Path, simulated: bytes) -> None:
    with started("run", "--port", "0", "--data", tmp_path / "s") as process:
        assert process.stderr is not None
        said = process.stderr.readline().decode()
        found = re.search(r"http://127\.0\.0\.1:\d+", said)
        assert found, said
        request = urllib.request.Request(
            f"{found[0]}/v1/events", simulated, {"content-type": "application/x-ndjson"}, method="POST"
        )
        with urllib.request.urlopen(request, timeout=60) as answer:
            counts = json.loads(answer.read().splitlines()[-1])["counts"]
        with urllib.request.urlopen(f"{found[0]}/readyz", timeout=60) as answer:
            assert json.loads(answer.read())["checks"]["clock"] == "ok"
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=30) == 0
    assert counts["rejected"] == 0
    verified = subprocess.run(
        [*START, "verify", "--json", "--data", str(tmp_path / "s")], capture_output=True, check=True
    )
    assert json.loads(verified.stdout)["uncovered"] is None


def test_a_port_in_use_is_told(tmp_path: Path) -> None:
    with started("run", "--port", "0", "--data", tmp_path / "one") as process:
        assert process.stderr is not None
        port = process.stderr.readline().decode().split("127.0.0.1:")[1].split()[0]
        second = subprocess.run(
            [*START, "run", "--port", port, "--data", str(tmp_path / "two")], capture_output=True, check=False
        )
    assert second.returncode == 2
    assert f"port {port}" in second.stderr.decode()


def test_a_reader_who_has_seen_enough_ends_the_command_in_silence() -> None:
    with started("simulate", "--clinics", "20", "--days", "20", stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stdout.readline().startswith(b"{")
        process.stdout.close()
        assert process.wait(timeout=30) == 141
        assert process.stderr is not None
        assert process.stderr.read() == b""


def test_a_listing_ends_in_silence_too(filled: Path) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    with os.fdopen(writer, "wb") as closed:
        for words in (("claims", "--json"), ("claims",), ("status",)):
            ended = subprocess.run(
                [*START, *words, "--data", str(filled)], stdout=closed, stderr=subprocess.PIPE, check=False
            )
            assert (ended.returncode, ended.stderr) == (141, b"")


def test_ctrl_c_while_taking_in_is_told_and_keeps_what_was_answered_for(tmp_path: Path, simulated: bytes) -> None:
    with started("ingest", "-", "--data", tmp_path / "s", stdin=subprocess.PIPE, start_new_session=True) as process:
        assert process.stdin is not None
        assert process.stderr is not None
        process.stdin.write(simulated)
        process.stdin.flush()
        while not (tmp_path / "s" / "log.sqlite").exists():  # a start that is interrupted says nothing of taking in
            assert process.poll() is None
            time.sleep(0.01)
        for _ in range(3):  # Python loses an interrupt that comes during a callback of its own: people press again
            os.killpg(process.pid, signal.SIGINT)
            with suppress(subprocess.TimeoutExpired):
                process.wait(timeout=15)
                break
        assert process.poll() == 130
        assert process.stderr.read().decode().startswith("error: interrupted")


def test_equal_seeds_make_equal_bytes() -> None:
    words = ["simulate", "--clinics", "2", "--days", "2", "--seed", "5"]
    one, two = (subprocess.run([*START, *words], capture_output=True, check=True).stdout for _ in range(2))
    assert one == two
    assert one.count(b"\n") > 50


def test_the_demo_tells_its_story_and_leaves_nothing_behind(tmp_path: Path) -> None:
    settings = {**os.environ, "TMPDIR": str(tmp_path), "COLUMNS": "80"}
    told = subprocess.run([*START, "demo", "--exit"], capture_output=True, check=True, env=settings)
    text = told.stdout.decode()
    for words in (
        "replayed: same bytes",
        "verified",
        "held",
        "claims,",
        "fix:",
        "To the payer and back",
        "277CA accepted",
    ):
        assert words in text
    assert list(tmp_path.iterdir()) == []
    assert max(map(len, text.splitlines())) <= 80


def test_the_demo_never_mixes_with_a_real_store(filled: Path) -> None:
    told = subprocess.run([*START, "demo", "--data", str(filled)], capture_output=True, check=False)
    assert told.returncode == 2
    assert b"is a store already" in told.stderr
