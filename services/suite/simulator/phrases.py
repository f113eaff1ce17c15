"""Words that notes are made of, by code and discipline; the words themselves are in `phrases.toml`."""

import tomllib
from importlib import resources

_WORDS = tomllib.loads((resources.files(__package__) / "phrases.toml").read_text("utf-8"))

EXERCISES: dict[str, tuple[tuple[str, str, int], ...]] = {
    code: tuple((name, row["unit"], row["first_dose"]) for name in row["names"])
    for code, row in _WORDS["exercises"].items()
}
"""By code: exercise, unit of its dose, and the dose of a first visit."""
SURFACES: dict[str, list[str]] = _WORDS["surfaces"]
EQUIPMENT: dict[str, list[str]] = _WORDS["equipment"]
ASSISTS: list[str] = _WORDS["assists"]
CUES: list[str] = _WORDS["cues"]
MOVEMENTS: list[str] = _WORDS["movements"]
FEEDBACK: list[str] = _WORDS["feedback"]
RESPONSES: list[str] = _WORDS["responses"]
SAFETY: list[str] = _WORDS["safety"]
EDUCATION: list[str] = _WORDS["education"]
VAGUE: list[str] = _WORDS["vague"]
"""Wording that says nothing; only ever planted."""
