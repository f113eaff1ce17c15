"""The billing room: 10,000 claims out as 837P files and their answers in as one 835, by the real commands and store.

Each measure is one command in a process of its own, which tells its seconds, those of its processor, and its largest
memory. Memory is flat where twice the claims do not take much more of it: some thousand claims fill the caches.

python bench/billing_bench.py [--quick]
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import time
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

sys.path.append(str(Path(__file__).parents[1] / "tests" / "helpers"))

from common import Table, folder, largest_memory
from interchange.claim_file import open_claims
from interchange.remittance import write_remittances
from interchange.simulated_payer import Received, adjudicate, denials, ruling_for, settle
from suite.simulator import Simulation, lines
from support.answers import ENVELOPE, terms
from therapy_domain.rulesets import load

SECONDS = 20
"""The bar for 10,000 claims, out and in."""
FLAT = 1.25
"""How much more memory twice the claims may take."""
DAYS, VISITS = 22, 12
EXPORTED = date(2026, 4, 10)
PAID = EXPORTED + timedelta(days=14)


def store_with(where: Path, claims: int) -> Path:
    """A store with at least so many claims that are ready, and nothing of them sent."""
    settings = Simulation(
        clinics=max(2, claims * 5 // (4 * DAYS * VISITS)),
        days=DAYS,
        seed=5,
        visits_per_clinic_day=VISITS,
        organizations=2,
        mistake_rates={},
        remittance_rate=0.0,
    )
    file, store = where / "events.jsonl", where / "store"
    with file.open("wb") as out:
        out.writelines(lines(settings))
    command = [str(Path(sys.executable).with_name("claimtrail")), "ingest", "--data", str(store), str(file)]
    subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)
    return store


def answered(outbox: Path, file: Path) -> int:
    """One 835 with the answers to every claim of the files, a payment a file; how many claims it answers."""
    known, letters, claims = denials(load()), [], 0
    for sent in sorted(outbox.glob("*.837")):
        with sent.open("rb") as source:
            of_file = [claim for _, claim in open_claims(source).claims()]
        claims += len(of_file)
        answers = [
            answer
            for claim in of_file
            for answer in adjudicate(claim, ruling_for(claim, 1, known), Received(f"ICN{claim.claim_id[1:13]}", PAID))
        ]
        letters.append(
            (
                settle(
                    replace(terms(of_file), trace_number=sent.stem[-9:]), sum(answer.paid_cents for answer in answers)
                ),
                answers,
            )
        )
    with file.open("wb") as out:
        write_remittances(out, ENVELOPE, letters)
    return claims


def part(words: list[str]) -> None:
    """One command, and what it took."""
    from suite.cli import main

    sys.argv = ["claimtrail", *words]
    began, processor = time.perf_counter(), time.process_time()
    try:
        main()
    except SystemExit as ended:
        if ended.code:
            raise
    seconds, processor = time.perf_counter() - began, time.process_time() - processor
    print(json.dumps({"seconds": seconds, "processor": processor, "memory": largest_memory()}), file=sys.stderr)


def run(*words: str) -> tuple[dict[str, float], dict[str, object]]:
    """What one command took, and what it answered."""
    command = [sys.executable, __file__, "--part", *words]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    return json.loads(done.stderr.splitlines()[-1]), json.loads(done.stdout)


def measured(where: Path, claims: int, repetitions: int) -> dict[str, list[dict[str, float]]]:
    """Export and import of at least so many claims, each time from the same store."""
    where.mkdir()
    store = store_with(where, claims)
    took: dict[str, list[dict[str, float]]] = {"export": [], "import": []}
    for number in range(repetitions):
        place = where / f"run-{number}"
        shutil.copytree(store, place / "store")
        data, outbox, letter = str(place / "store"), place / "outbox", place / "answers.835"
        spent, told = run("export", "837", "-o", str(outbox), "--data", data, "--today", str(EXPORTED), "--json")
        count = sum(len(file["claims"]) for file in told["files"])  # type: ignore[attr-defined]  # a list of files
        assert count >= claims, f"only {count} claims were ready"
        took["export"].append({**spent, "claims": count})
        assert answered(outbox, letter) == count
        spent, told = run("import", "835", str(letter), "--data", data, "--received-on", str(PAID), "--json")
        (file,) = told["files"]  # type: ignore[misc]  # the same
        assert (file["outcome"], file["set_aside"]) == ("taken", 0)
        took["import"].append({**spent, "claims": count})
        shutil.rmtree(place)
    return took


def main() -> None:
    quick = "--quick" in sys.argv
    claims, repetitions = (1_000, 1) if quick else (10_000, 3)
    table = Table("billing")
    with folder() as where:
        few = measured(where / "few", claims // 2, 1)
        many = measured(where / "many", claims, repetitions)
    names = {"export": "export 837", "import": "import of one 835"}
    for name, words in names.items():
        runs = sorted(many[name], key=lambda each: each["seconds"] / each["claims"])
        middle = runs[len(runs) // 2]
        scale = claims / middle["claims"]
        table.fact(f"{words}, {claims:,} claims [s]", middle["seconds"] * scale, most=SECONDS * claims / 10_000)
        table.fact(f"{words}, of it the processor's [s]", middle["processor"] * scale)
        table.fact(f"{words}, largest memory [MiB]", middle["memory"])
        table.fact(f"{words}, memory beside half the claims", middle["memory"] / few[name][0]["memory"], most=FLAT)
    table.save()


if __name__ == "__main__":
    if sys.argv[1:2] == ["--part"]:
        part(sys.argv[2:])
    else:
        main()
