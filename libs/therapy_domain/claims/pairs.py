"""Pair edits on a claim: which hold between the day's codes, and whether the record shows the services as separate."""

from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from therapy_domain.claims.clocks import Clocks, apart, clocks_of
from therapy_domain.claims.visit import Visit, blank, of_visit
from therapy_domain.rulesets.edits import PairEdits, pair_edits
from therapy_domain.rulesets.separate_services import edit_setting, separate_services

BYPASS = frozenset({"59", "XE", "XP", "XS", "XU"})
"""Modifiers that claim a service of a pair edit was separate."""
_OWN = "the payer's own pair edits"


class Edit(NamedTuple):
    """An edit that holds on the date of service: published, or the payer's own in its place."""

    column_1: str
    """The code that is paid."""
    column_2: str
    """The code that is denied."""
    indicator: int
    """0: never together; 1: together with a modifier, where they were separate."""
    named: str
    """Where it stands."""
    binds: bool
    """Whether what it says is certain; else its file is only the nearest we hold."""


class Pair(NamedTuple):
    """An edit whose column 2 stands on the claim, and column 1 on this or another claim of the day."""

    edit: Edit
    why_not: str | None
    """Why the record does not show them as separate; None = it does."""
    modifier: str
    """Which of XE, XP, XS and XU says why they were."""


@of_visit
def edits_of(visit: Visit) -> PairEdits:
    """The published edits that speak for the claim: a facility's or a practitioner's, by its places of service."""
    places = [sitting.recorded.opened.place_of_service for sitting in visit.sittings]
    return pair_edits(visit.ruleset, edit_setting(visit.ruleset, places))


def edits_among(visit: Visit, codes: Iterable[str]) -> list[Edit]:
    """The edits that hold between any two of these codes, by column 1, then column 2."""
    named = frozenset(codes)
    if len(named) < 2:
        return []
    own: Mapping[tuple[str, str], int] = visit.policy.pair_edits if visit.policy is not None else {}
    found = [
        Edit(edit.column_1, edit.column_2, edit.indicator, edit.publication.name, edit.binds(visit.on))
        for edit in edits_of(visit).among(named, visit.on)
        if (edit.column_1, edit.column_2) not in own
    ]
    if own:
        kept = [(*pair, indicator) for pair, indicator in own.items() if indicator != 9 and named.issuperset(pair)]
        found = sorted([*found, *[Edit(one, two, indicator, _OWN, binds=True) for one, two, indicator in kept]])
    return found


def elsewhere(visit: Visit) -> frozenset[str]:
    """Codes on the organization's other claims of the day, for the same patient and payer."""
    return frozenset([line.code for other in visit.other_claims for line in other.lines])


@of_visit
def pairs_of(visit: Visit) -> Mapping[str, tuple[Pair, ...]]:
    """The pairs in which a code of this claim would be denied, by that code."""
    mine = visit.line_of.keys()
    found: dict[str, list[Pair]] = {}
    for edit in edits_among(visit, mine | elsewhere(visit)):
        if edit.column_2 in mine:
            why_not = not_separate(visit, edit.column_1, edit.column_2)
            modifier = _modifier(visit, edit.column_1, edit.column_2)
            found.setdefault(edit.column_2, []).append(Pair(edit, why_not, modifier))
    return {code: tuple(found[code]) for code in sorted(found)}


@of_visit
def separated(visit: Visit) -> Mapping[str, tuple[Pair, ...]]:
    """Codes that a modifier frees of every edit against them: each may be parted, and the record shows it was."""
    return {
        code: pairs
        for code, pairs in pairs_of(visit).items()
        if all(pair.edit.indicator == 1 and pair.why_not is None for pair in pairs)
    }


def marks(visit: Visit) -> Iterator[tuple[int, str, str]]:
    """The modifier of separate services that lines carry: line, modifier, why.

    On the code that would be denied, on every line of it. 59, unless the payer wants the one that says more.
    Source:  CMS MLN booklet on modifiers 59 and X{EPSU}.
    """
    for code, pairs in separated(visit).items():
        says_more = visit.policy is not None and visit.policy.separate_service_modifier == "X"
        modifier = pairs[0].modifier if says_more else "59"
        words = f"{modifier}: separate from {beside(pairs)} on the record ({pairs[0].edit.named})"
        for number in visit.lines.of(code):
            yield number, modifier, words


def beside(pairs: Iterable[Pair]) -> str:
    """The column 1 codes of pairs in words."""
    return " and ".join([pair.edit.column_1 for pair in pairs])


def not_separate(visit: Visit, column_1: str, column_2: str) -> str | None:
    """Why the record does not show two services as separate; None = it does.

    Separate is what had time of its own by the clock; minutes without clock times show nothing. Beside manipulation
    of the spine it is another region of the body, which the note must justify.
    Source:  CMS MLN booklet on modifiers 59 and X{EPSU}; CMS NCCI Policy Manual, chapter 11.
    """
    if separate_services(visit.ruleset).needs_other_structure(column_1, visit.on):
        return None if _justified(visit, column_2) else "no note justifies it for another region of the body"
    denied = _clocks(visit, column_2) or _other_clocks(visit, column_2)
    paid = _clocks(visit, column_1) + _other_clocks(visit, column_1)
    if not denied or not paid or None in denied or None in paid:
        return "not all of their time is on the record by the clock"
    separate = all(apart(one, other) for one in denied for other in paid if one and other)
    return None if separate else "their clock times overlap"


def _justified(visit: Visit, code: str) -> bool:
    notes = [sitting.recorded.note for sitting, _ in visit.given(code)]
    return bool(notes) and not any(blank(note.separate_services_justification) for note in notes)


def _clocks(visit: Visit, code: str) -> list[Clocks | None]:
    given = [interval for _, interval in visit.given(code)]
    return [clocks_of(given)] if given else []


def _other_clocks(visit: Visit, code: str) -> list[Clocks | None]:
    return [line.clocks for other in visit.other_claims for line in other.lines if line.code == code]


def _modifier(visit: Visit, column_1: str, column_2: str) -> str:
    """Another structure, another encounter, another practitioner, or simply time that does not overlap."""
    if separate_services(visit.ruleset).needs_other_structure(column_1, visit.on):
        return "XS"
    sessions, people = _given(visit, column_2)
    other_sessions, other_people = _given(visit, column_1)
    if other_sessions and not sessions & other_sessions:
        return "XE"
    elsewhere_by = [line.performers for other in visit.other_claims for line in other.lines if line.code == column_1]
    return "XU" if people & other_people.union(*elsewhere_by) else "XP"


def _given(visit: Visit, code: str) -> tuple[frozenset[str], frozenset[str]]:
    """The sessions in which a code was given, and by whom."""
    given = [(sitting.recorded.session_key, interval.performer.id) for sitting, interval in visit.given(code)]
    return frozenset([session for session, _ in given]), frozenset([person for _, person in given])
