from dataclasses import replace
from hashlib import sha256
from pathlib import Path

import pytest

from interchange.professional import ProfessionalClaim
from interchange.simulated_payer import Denial, Deny, Pay
from suite.http import shapes
from support.billing import CLEAN, acknowledgment, claims_in, paid, remittance, sent
from support.store import send

X12 = {"content-type": "application/edi-x12"}


@pytest.fixture
def claim(installation, tmp_path: Path) -> ProfessionalClaim:
    send(installation, CLEAN)
    (found,) = claims_in(sent(installation, tmp_path / "outbox"))
    return found


def post(client, raw: bytes, **more):
    return client.post("/v1/answers", content=raw, headers=X12, **more)


def test_a_payers_file_is_taken_and_its_claim_is_paid(client, claim) -> None:
    answer = post(client, remittance([claim], paid([claim], Pay())), params={"received_on": "2026-03-25"})
    assert answer.status_code == 200
    told = answer.json()
    shapes.AnswerFile.model_validate(told, strict=True)
    assert (told["kind"], told["outcome"], told["matched"]) == ("835", "taken", 1)
    one = client.get(f"/v1/claims/{claim.claim_id}").json()
    assert (one["status"], one["remittances"][0]["received_on"]) == ("paid", "2026-03-25")


def test_the_kind_of_a_file_is_found_out(client, claim) -> None:
    assert post(client, acknowledgment(1, accepted=False)).json()["kind"] == "999"
    assert client.get(f"/v1/claims/{claim.claim_id}").json()["status"] == "rejected"


def test_the_same_file_again_changes_nothing(client, claim) -> None:
    raw = remittance([claim], paid([claim], Pay()))
    post(client, raw)
    assert post(client, raw).json()["outcome"] == "repeated"


def test_a_file_that_does_not_balance_is_a_problem_with_the_sum_that_is_off(client, claim, kit) -> None:
    raw = remittance([claim], paid([claim], Pay())).replace(b"BPR*I*", b"BPR*I*1", 1)
    told = kit.problem(post(client, raw), 422)
    assert told["type"].endswith("#answer-refused")
    assert told["code"] == "out-of-balance"
    assert told["off_cents"] != 0
    assert client.get(f"/v1/claims/{claim.claim_id}").json()["remittances"] == []


@pytest.mark.parametrize("body", [b"", b"{}", b"ISA", b"ISA" + b"*" * 200, "ünfug".encode()])
def test_what_is_no_payers_file_is_a_problem(client, kit, body: bytes) -> None:
    kit.problem(post(client, body), 422)


def test_a_claim_file_is_none_of_a_payers(client, installation, tmp_path: Path, kit, claim) -> None:
    raw = next((tmp_path / "outbox").iterdir()).read_bytes()
    kit.problem(post(client, raw), 422)


def test_another_media_type_is_not_read(client, kit) -> None:
    kit.problem(client.post("/v1/answers", content=b"x", headers={"content-type": "application/json"}), 415)


def test_what_fits_no_claim_waits_and_a_person_matches_it(client, claim, kit) -> None:
    (answer,) = paid([claim], Pay())
    lines = tuple(replace(line, line_control_number="") for line in answer.lines)
    foreign = replace(answer, claim_control_number="SMITH-4711", lines=lines)
    assert post(client, remittance([claim], [foreign])).json()["set_aside"] == 1
    (item,) = client.get("/v1/unmatched").json()
    shapes.Unmatched.model_validate(item, strict=True)
    path = f"/v1/unmatched/{item['item']}/match"
    assert kit.problem(client.post(path, json={"claim_id": claim.claim_id}), 422)["errors"]
    unknown = {"claim_id": "C0000000000000000", "by": "A. Biller", "reason": "called"}
    kit.problem(client.post(path, json=unknown), 422)
    told = client.post(path, json={**unknown, "claim_id": claim.claim_id}).json()
    assert told == {"item": item["item"], "claim_id": claim.claim_id, "status": "paid"}
    kit.problem(client.post(path, json={**unknown, "claim_id": claim.claim_id}), 404)
    assert client.get("/v1/unmatched").json() == []
    assert [each["status"] for each in client.get("/v1/unmatched?status=all").json()] == ["matched"]


def test_an_answer_that_is_none_of_ours_is_dismissed(client, claim) -> None:
    post(client, acknowledgment(77, accepted=False))
    (item,) = client.get("/v1/unmatched").json()
    decision = {"claim_id": None, "by": "A. Biller", "reason": "another practice"}
    assert client.post(f"/v1/unmatched/{item['item']}/match", json=decision).json()["status"] == "dismissed"


def test_files_and_figures_are_listed(client, claim) -> None:
    post(client, remittance([claim], paid([claim], Deny(denial=Denial("CO", "50")))))
    files = client.get("/v1/files").json()
    assert ([each["number"] for each in files["sent"]], len(files["received"])) == ([1], 1)
    (figures,) = client.get("/v1/denials").json()
    shapes.DenialFigures.model_validate(figures, strict=True)
    assert (figures["group"], figures["claims"], figures["denied_claims"]) == ("medicare", 1, 1)
    told = client.get("/v1/denials/missed").json()
    shapes.MissedDenials.model_validate(told, strict=True)
    assert told["counts"]["not-found"] == 2
    assert client.get("/v1/denials?since=2027-01-01").json() == []
    assert client.get("/v1/denials?org=elsewhere").json() == []


def test_denials_are_counted_by_what_is_known_only(client, kit) -> None:
    kit.problem(client.get("/v1/denials?by=moon"), 422)


def test_what_is_due_is_exported_and_its_file_handed_out(client, installation) -> None:
    send(installation, CLEAN)
    looked = client.post("/v1/files", params={"on": "2026-03-10", "dry_run": "true"}).json()
    assert (looked["files"], client.get("/v1/files").json()["sent"]) == ([], [])
    told = client.post("/v1/files", params={"on": "2026-03-10", "by": "A. Biller"}).json()
    shapes.Exported.model_validate(told, strict=True)
    (file,) = told["files"]
    answer = client.get(f"/v1/files/{file['number']}")
    assert answer.headers["content-type"] == "application/edi-x12"
    assert sha256(answer.content).hexdigest() == file["sha256"]
    assert Path(file["path"]).read_bytes() == answer.content
    assert client.get("/v1/files").json()["sent"][0]["exported_by"] == "A. Biller"
    assert client.get(f"/v1/claims/{file['claims'][0]}").json()["status"] == "submitted"
    assert client.post("/v1/files", params={"on": "2026-03-11"}).json()["files"] == []


def test_a_claim_that_stays_back_says_what_is_missing(client, installation) -> None:
    send(installation, CLEAN)
    told = client.post("/v1/files", params={"on": "2029-01-01"}).json()
    assert told["files"] == []
    assert told["not_exported"][0]["faults"][0]["path"] == "$.lines[0].service_date"


def test_a_file_that_is_not_there_is_a_problem(client, kit) -> None:
    assert kit.problem(client.get("/v1/files/7"), 404)["type"].endswith("#unknown-file")
    kit.problem(client.get("/v1/files/x"), 422)


def test_another_file_in_the_way_is_told_and_the_next_export_writes_it(client, installation, kit) -> None:
    send(installation, CLEAN)
    outbox = installation.data / "claim-files"
    outbox.mkdir()
    in_the_way = outbox / "northside-medicare-000000001.837"
    in_the_way.write_bytes(b"something else")
    refused = kit.problem(client.post("/v1/files", params={"on": "2026-03-10"}), 409)
    assert (refused["type"].rpartition("#")[2], refused["code"]) == ("export-refused", "file-in-the-way")
    in_the_way.unlink()
    (file,) = client.post("/v1/files", params={"on": "2026-03-10"}).json()["files"]
    assert (file["path"], file["written_again"]) == (str(in_the_way), True)
