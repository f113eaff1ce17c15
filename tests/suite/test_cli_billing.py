"""Claims out and answers in, by the command: files written, files taken, worklists, figures, exit codes."""

import json
import shutil
from pathlib import Path

import pytest

from support.command import Claimtrail, run

TODAY = "2026-03-31"


@pytest.fixture(scope="module")
def answered(filled: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a store whose claims went out (`outbox`) and were answered (`inbox`), nothing taken in yet."""
    folder = tmp_path_factory.mktemp("billing")
    shutil.copytree(filled, folder / "store")
    done = run("export", "837", "-o", folder / "outbox", "--today", TODAY, "--data", folder / "store")
    assert done.code == 0, done.err
    files = sorted((folder / "outbox").iterdir())
    done = run("simulate-payer", *files, "-o", folder / "inbox", "--seed", 3, "--send-back", 0.1, "--correct", 0.2)
    assert done.code == 0, done.err
    return folder


@pytest.fixture
def own(answered: Path, tmp_path: Path) -> Path:
    """The same, to change."""
    return Path(shutil.copytree(answered, tmp_path / "own"))


def files(folder: Path, ending: str) -> list[Path]:
    found = sorted((folder / "inbox").glob(f"*{ending}"))
    assert found
    return found


def statuses(claimtrail: Claimtrail, store: Path) -> set[str]:
    return {claim["status"] for claim in claimtrail("claims", "--json", "--data", store).json}


def test_ready_claims_are_submitted_and_the_files_are_listed(claimtrail: Claimtrail, answered: Path) -> None:
    store = answered / "store"
    assert claimtrail("claims", "--status", "ready", "--json", "--data", store).json == []
    submitted = claimtrail("claims", "--status", "submitted", "--json", "--data", store).json
    listed = claimtrail("files", "--json", "--data", store).json
    assert sum(file["claims"] for file in listed["sent"]) == len(submitted) > 20
    assert {file["name"] for file in listed["sent"]} == {path.name for path in (answered / "outbox").iterdir()}
    assert all(file["written"] for file in listed["sent"])


def test_an_export_tells_what_it_wrote_and_what_stays_back(
    claimtrail: Claimtrail, filled: Path, tmp_path: Path
) -> None:
    late = claimtrail(
        "export",
        "837",
        "-o",
        tmp_path,
        "--today",
        "2028-01-01",
        "--dry-run",
        "--json",
        "--data",
        _copy(filled, tmp_path),
    )
    assert (late.code, late.json["files"]) == (0, [])
    fault = late.json["not_exported"][0]["faults"][0]
    assert fault.keys() == {"path", "value", "expected", "element", "box", "fhir"}
    assert "TFL-001" in fault["expected"]


def _copy(store: Path, folder: Path) -> Path:
    return Path(shutil.copytree(store, folder / "copy"))


def test_exporting_again_writes_nothing_and_a_file_is_written_again_by_its_number(
    claimtrail: Claimtrail, own: Path, tmp_path: Path
) -> None:
    store = own / "store"
    assert (
        claimtrail("export", "837", "-o", tmp_path / "x", "--today", TODAY, "--json", "--data", store).json["files"]
        == []
    )
    told = claimtrail("export", "837", "--again", 1, "-o", tmp_path / "again", "--json", "--data", store)
    (file,) = told.json["files"]
    assert file["written_again"]
    path = Path(file["path"])
    assert path.read_bytes() == (own / "outbox" / path.name).read_bytes()
    unknown = claimtrail("export", "837", "--again", 999, "-o", tmp_path / "again", "--data", store)
    assert (unknown.code, "claimtrail files" in unknown.err) == (1, True)


def test_answers_come_in_and_claims_follow(claimtrail: Claimtrail, own: Path) -> None:
    store = own / "store"
    for kind, ending in (("999", ".999"), ("277ca", ".277"), ("835", ".835")):
        told = claimtrail("import", kind, *files(own, ending), "--received-on", "2026-04-20", "--json", "--data", store)
        assert told.code == 0, told.err
        assert {each["outcome"] for each in told.json["files"]} == {"taken"}
        assert sum(each["set_aside"] for each in told.json["files"]) == 0
        if kind == "277ca":
            assert statuses(claimtrail, store) >= {"accepted", "rejected"}
    assert statuses(claimtrail, store) >= {"paid", "denied", "rejected"}
    again = claimtrail("import", "835", *files(own, ".835"), "--json", "--data", store)
    assert (again.code, {each["outcome"] for each in again.json["files"]}) == (0, {"repeated"})
    received = claimtrail("files", "--json", "--data", store).json["received"]
    assert any(payment["provider_balances"] for file in received for payment in file["payments"])
    assert claimtrail("replay", "--all", "--data", store).code == 0


def test_a_file_that_does_not_balance_is_refused_and_the_others_go_in(claimtrail: Claimtrail, own: Path) -> None:
    first, *_ = files(own, "1.835")
    bad = own / "bad.835"
    bad.write_bytes(first.read_bytes().replace(b"BPR*I*", b"BPR*I*9", 1))
    told = claimtrail("import", "835", bad, first, "--json", "--data", own / "store")
    assert told.code == 1
    refused, taken = told.json["files"]
    assert (refused["outcome"], taken["outcome"]) == ("refused", "taken")
    assert refused["error"]["code"] == "out-of-balance"
    assert refused["error"]["off_cents"] != 0
    assert refused["error"]["segment"] > 0
    readable = claimtrail("import", "835", bad, "--data", own / "store")
    assert readable.code == 1
    assert "nothing of it is posted" in readable.err
    assert "off by" in readable.err


def test_a_file_that_is_not_there_is_a_wrong_call(claimtrail: Claimtrail, own: Path) -> None:
    assert claimtrail("import", "835", own / "nothing.835", "--data", own / "store").code == 2


def test_what_fits_no_claim_is_listed_matched_and_dismissed(claimtrail: Claimtrail, own: Path, tmp_path: Path) -> None:
    raw = files(own, "1.835")[0].read_text()
    claims = claimtrail("claims", "--status", "submitted", "--json", "--data", own / "store").json
    mine = next(claim["claim_id"] for claim in claims if claim["claim_id"] in raw)
    foreign = own / "foreign.835"
    foreign.write_text(raw.replace(mine, "SMITH"))
    told = claimtrail("import", "835", foreign, "--json", "--data", own / "store")
    assert (told.code, told.json["files"][0]["set_aside"]) == (0, 1)
    (item,) = claimtrail("unmatched", "--json", "--data", own / "store").json
    assert "SMITH" not in json.dumps(item)
    who = ("--by", "A. Biller", "--reason", "called the payer")
    wrong = claimtrail("match", item["item"], *who, "--data", own / "store")
    assert wrong.code == 2
    matched = claimtrail("match", item["item"], mine, *who, "--json", "--data", own / "store")
    assert matched.json["claim_id"] == mine
    assert claimtrail("unmatched", "--json", "--data", own / "store").json == []
    gone = claimtrail("match", item["item"], "--none", *who, "--data", own / "store")
    assert (gone.code, "claimtrail unmatched" in gone.err) == (1, True)


def test_denials_are_counted_and_held_against_our_rules(claimtrail: Claimtrail, own: Path) -> None:
    store = own / "store"
    claimtrail("import", "835", *files(own, ".835"), "--received-on", "2026-04-20", "--data", store)
    for by in ("payer", "carc", "rule", "clinic", "code"):
        rows = claimtrail("denials", "--by", by, "--json", "--data", store).json
        assert rows
        assert all(row["denied_claims"] <= row["claims"] for row in rows)
        assert claimtrail("denials", "--by", by, "--data", store).code == 0
    told = claimtrail("denials", "--missed", "--json", "--data", store).json
    assert sum(told["counts"].values()) == len(told["denials"]) > 0
    assert claimtrail("denials", "--missed", "--data", store).code == 0
    assert claimtrail("denials", "--since", "2027-01-01", "--json", "--data", store).json == []


def test_a_claim_is_put_on_paper_and_into_fhir(claimtrail: Claimtrail, answered: Path, tmp_path: Path) -> None:
    store = answered / "store"
    claim = claimtrail("claims", "--status", "submitted", "--json", "--data", store).json[0]["claim_id"]
    page = tmp_path / "claim.html"
    assert claimtrail("export", "cms1500", claim, "-o", page, "--data", store).code == 0
    assert claim in page.read_text()
    bundle = claimtrail("export", "fhir", claim, "--data", store).json
    assert bundle["entry"][0]["resource"]["resourceType"] == "Claim"
    assert claimtrail("export", "fhir", "C0000000000000000", "--data", store).code == 1


def test_why_and_history_tell_of_the_submission_and_its_answers(claimtrail: Claimtrail, own: Path) -> None:
    store = own / "store"
    claimtrail("import", "277ca", *files(own, ".277"), "--data", store)
    claimtrail("import", "835", *files(own, ".835"), "--received-on", "2026-04-20", "--data", store)
    claim = claimtrail("claims", "--status", "denied", "--json", "--data", store).json[-1]["claim_id"]
    story = claimtrail("why", claim, "--data", store).out
    assert "The claim is sent" in story
    assert "The claim is acknowledged" in story
    types = [event["type"] for event in claimtrail("history", claim, "--json", "--data", store).json["events"]]
    assert {"ClaimSubmitted", "ClaimAcknowledged", "ClaimAdjudicated"} <= set(types)


def test_a_simulated_payer_answers_the_same_for_the_same_seed(
    claimtrail: Claimtrail, answered: Path, tmp_path: Path
) -> None:
    outbox = sorted((answered / "outbox").iterdir())
    options = ("--seed", 3, "--send-back", 0.1, "--correct", 0.2)
    assert claimtrail("simulate-payer", *outbox, "-o", tmp_path / "inbox", *options).code == 0
    for path in (answered / "inbox").iterdir():
        assert path.read_bytes() == (tmp_path / "inbox" / path.name).read_bytes()
    wrong = claimtrail("simulate-payer", next((answered / "inbox").glob("*.835")), "-o", tmp_path / "inbox")
    assert wrong.code == 1
