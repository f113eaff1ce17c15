import pytest

from support.command import Claimtrail

COMMANDS = (
    *("demo", "run", "simulate", "ingest", "units", "deadline", "claims", "claim", "history", "replay", "verify"),
    *("appeals", "appeal", "tick", "dead-letters", "redrive", "status", "override", "question", "answer", "conflicts"),
    *("settle", "erase", "why", "rules", "migrate", "serve", "topics", "asyncapi", "what-if"),
    *("export", "import", "unmatched", "match", "files", "denials", "simulate-payer", "evidence", "verify-evidence"),
)


@pytest.mark.parametrize("command", COMMANDS)
def test_help_explains_every_command_with_an_example(claimtrail: Claimtrail, command: str) -> None:
    told = claimtrail(command, "--help")
    assert told.code == 0
    assert "Example" in told.out
    assert f"claimtrail {command}" in told.out.split("Example", 1)[1]


def test_help_lists_what_there_is(claimtrail: Claimtrail) -> None:
    told = claimtrail("--help").out
    listed = {line.strip("│ ").split(" ")[0] for line in told.splitlines() if line.startswith("│ ")}
    assert listed.issuperset(COMMANDS)


def test_the_version_is_told(claimtrail: Claimtrail) -> None:
    told = claimtrail("--version")
    assert (told.code, told.out.split()[0]) == (0, "claimtrail")


@pytest.mark.parametrize("words", [("nonsense",), ("claims", "--nonsense"), ("claims", "--status", "nonsense")])
def test_a_wrong_call_ends_with_2_and_says_what_is_wrong(claimtrail: Claimtrail, words: tuple[str, ...]) -> None:
    told = claimtrail(*words)
    assert told.code == 2
    assert "nonsense" in told.err
    assert not told.out
