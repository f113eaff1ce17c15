from pathlib import Path

from support.command import Claimtrail


def a_claim(claimtrail: Claimtrail, data: Path, status: str) -> str:
    return str(claimtrail("claims", "--status", status, "--json", "--data", data).json[0]["claim_id"])


def test_a_story_has_paragraphs_with_heading_lines_and_positions(claimtrail: Claimtrail, filled: Path) -> None:
    claim_id = a_claim(claimtrail, filled, "denied")
    story = claimtrail("why", claim_id, "--json", "--data", filled).json
    assert (story["claim_id"], story["as_of"]) == (claim_id, None)
    assert all(each.keys() == {"heading", "lines", "positions"} for each in story["paragraphs"])
    headings = [each["heading"] for each in story["paragraphs"]]
    assert headings[0] == "What was known beforehand"
    assert {"From minutes to units", "The claim is checked", "The payer answered"} <= set(headings)
    assert headings[-1] == "How it stands"


def test_a_story_reads_as_text(claimtrail: Claimtrail, filled: Path) -> None:
    claim_id = a_claim(claimtrail, filled, "held")
    told = claimtrail("why", claim_id.lower(), "--data", filled)
    assert told.code == 0
    assert "From minutes to units  position" in told.out
    assert "The claim is held: a finding blocks it." in told.out
    assert "Fix: " in told.out


def test_every_claim_of_a_store_has_a_story(claimtrail: Claimtrail, filled: Path) -> None:
    for claim in claimtrail("claims", "--json", "--data", filled).json[:20]:
        story = claimtrail("why", claim["claim_id"], "--json", "--data", filled).json
        told = story["paragraphs"][-1]["lines"][0]
        assert told.startswith(f"The claim is {claim['status'].replace('_', ' ')}: ")


def test_a_story_as_of_a_position_or_a_time_ends_there(claimtrail: Claimtrail, filled: Path) -> None:
    claim_id = a_claim(claimtrail, filled, "held")
    events = claimtrail("history", claim_id, "--json", "--data", filled).json["events"]
    counted = next(each for each in events if each["type"] == "UnitsCalculated")
    for point in (counted["position"], counted["recorded_at"]):
        story = claimtrail("why", claim_id, "--as-of", point, "--json", "--data", filled).json
        assert story["as_of"] == point
    until = claimtrail("why", claim_id, "--as-of", counted["position"], "--json", "--data", filled).json
    assert max(position for each in until["paragraphs"] for position in each["positions"]) == counted["position"]
    assert (
        "nothing was recorded of this claim by then"
        in claimtrail("why", claim_id, "--as-of", "0", "--data", filled).err
    )


def test_no_such_claim_and_no_such_time_are_told(claimtrail: Claimtrail, filled: Path) -> None:
    assert claimtrail("why", "C0000000000000000", "--data", filled).code == 1
    told = claimtrail("why", "C0000000000000000", "--as-of", "yesterday", "--data", filled)
    assert (told.code, "'yesterday'" in told.err) == (2, True)
