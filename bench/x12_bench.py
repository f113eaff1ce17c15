"""X12: 10,000 claims out as an 837P and 10,000 answers in as an 835, beside pyx12 on the same files.

Each measure runs in a process of its own, which tells its seconds and its largest memory.

python bench/x12_bench.py [--quick]
"""

from __future__ import annotations

import io
import json
import logging
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

sys.path.append(str(Path(__file__).parents[1] / "tests" / "helpers"))

from common import Table, folder, largest_memory
from interchange.claim_file import open_claims, write_claims
from interchange.professional import ProfessionalClaim, companion_guides
from interchange.remittance import open_remittance, write_remittances
from interchange.x12.envelopes import Envelopes
from support.answers import ENVELOPE, answers_to, terms
from support.claims import batch, professional_claims

CLAIMS, QUICK_CLAIMS = 10_000, 1_000
GENERIC = companion_guides()["generic"]


def claims(count: int) -> Iterator[ProfessionalClaim]:
    """So many different claims, two hundred shapes over and over: making them costs nothing beside writing them."""
    shapes = list(professional_claims("bench", 200, "generic"))
    for number in range(count):
        yield replace(shapes[number % len(shapes)], claim_id=f"C{number:016d}")


def write_837(path: Path, count: int) -> None:
    with path.open("wb") as out:
        write_claims(out, batch(), claims(count), GENERIC)


def read_837(path: Path, count: int) -> None:
    with path.open("rb") as source:
        assert sum(1 for _ in open_claims(source).claims()) == count


def make_835(path: Path, count: int) -> None:
    answers = answers_to(professional_claims("bench", 200, "generic"), 1)
    told = [replace(answers[n % len(answers)], claim_control_number=f"C{n:016d}") for n in range(count)]
    payment = replace(terms([next(claims(1))]), paid_cents=sum(answer.paid_cents for answer in told))
    with path.open("wb") as out:
        write_remittances(out, ENVELOPE, [(payment, told)])


def check_835(path: Path, count: int) -> None:
    with path.open("rb") as source:
        assert open_remittance(source).payments[0].claims == count


def read_835(path: Path, count: int) -> None:
    with path.open("rb") as source:
        assert sum(1 for _ in open_remittance(source).claims()) == count


def cut(path: Path, _count: int) -> None:
    """Our own segments with envelopes and counts checked, once: what pyx12's reader does."""
    expects = ("835", "005010X221") if path.suffix == ".835" else ("837", "005010X222")
    with path.open("rb") as source:
        assert sum(1 for _ in Envelopes(source, expects)) > 0


def pyx12_segments(path: Path, _count: int) -> None:
    """pyx12's reader alone: envelopes and counts, no elements made of their texts."""
    import pyx12.x12file

    with path.open(encoding="ascii") as source:
        assert sum(1 for _ in pyx12.x12file.X12Reader(source)) > 0


def pyx12_validates(path: Path, _count: int) -> None:
    """pyx12's whole validation against its map."""
    import pyx12.params
    import pyx12.x12n_document

    logging.getLogger("pyx12").setLevel(logging.CRITICAL)
    parameters = pyx12.params.params()
    parameters.set("exclude_external_codes", "states,country,pos,currency,remark_code")
    with path.open(encoding="ascii") as source:
        assert pyx12.x12n_document.x12n_document(parameters, io.StringIO(source.read()), None, None)


def nothing(_path: Path, _count: int) -> None:
    """Only the imports: what every process weighs before it does anything."""


PARTS: dict[str, Callable[[Path, int], None]] = {
    part.__name__: part
    for part in (write_837, read_837, make_835, check_835, read_835, cut, pyx12_segments, pyx12_validates, nothing)
}


def child(name: str, path: Path, count: int) -> None:
    """Do one part; tell its seconds and the largest memory of this process [MiB]."""
    start = time.perf_counter()
    PARTS[name](path, count)
    seconds = time.perf_counter() - start
    print(json.dumps({"seconds": seconds, "memory": largest_memory()}))


def run(name: str, path: Path, count: int) -> dict[str, float]:
    command = [sys.executable, __file__, "--part", name, str(path), str(count)]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    told: dict[str, float] = json.loads(done.stdout)
    return told


def main() -> None:
    quick = "--quick" in sys.argv
    count, pairs = (QUICK_CLAIMS, 2) if quick else (CLAIMS, 3)
    table = Table("x12")
    with folder() as where:
        sent, answered = where / "claims.837", where / "answers.835"
        run("write_837", sent, count)
        run("make_835", answered, count)
        for path in (sent, answered):
            text = path.read_bytes()
            print(f"{path.name}: {count:,} claims, {text.count(b'~'):,} segments, {len(text) / 2**20:.1f} MiB")
        for name, path in (("write_837", sent), ("read_837", sent), ("check_835", answered), ("read_835", answered)):
            told = [run(name, path, count) for _ in range(pairs)]
            table.fact(f"{name} of {count:,} claims [s]", min(one["seconds"] for one in told), most=20)
            table.fact(f"{name}: largest memory [MiB]", max(one["memory"] for one in told))
        table.fact("a process that did nothing: memory [MiB]", run("nothing", sent, count)["memory"])

        def rate(name: str, path: Path) -> Callable[[], float]:
            return lambda: count / run(name, path, count)["seconds"]

        for label, ours, theirs, path in (
            ("835 cut into segments, envelopes checked / pyx12 doing so", "cut", "pyx12_segments", answered),
            ("835 checked and read / pyx12 validating it", "read_835", "pyx12_validates", answered),
            ("837P cut into segments, envelopes checked / pyx12 doing so", "cut", "pyx12_segments", sent),
            ("837P checked and read / pyx12 validating it", "read_837", "pyx12_validates", sent),
        ):
            table.paired(f"{label}, claims/s", rate(ours, path), rate(theirs, path), pairs)
        for name, path in (("pyx12_segments", answered), ("pyx12_validates", answered)):
            table.fact(f"{name} of the 835: largest memory [MiB]", run(name, path, count)["memory"])
    table.save()


if __name__ == "__main__":
    if sys.argv[1:2] == ["--part"]:
        child(sys.argv[2], Path(sys.argv[3]), int(sys.argv[4]))
    else:
        main()
