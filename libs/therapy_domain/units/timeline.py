"""One patient's day by the clock: who worked on which code in every moment, and which moments are contested."""

from collections.abc import Iterable, Sequence
from itertools import pairwise
from operator import attrgetter

from therapy_domain.units.kinds import ASSISTANTS
from therapy_domain.units.spans import Busy, Clash, Cut, Span, Tally


def tally(spans: Sequence[Span], cuts: Sequence[Cut], busy: Sequence[Busy], tallies: dict[str, Tally]) -> list[Clash]:
    """Adds every span's countable time to the tally of its code; returns the contested stretches.

    A moment on one code counts once, to the therapist where one takes part (team time). A moment on two codes is
    contested where one clinician is on both, or where the patient is; with a clinician who is one-on-one
    elsewhere it is contested too. Spans of supervised modalities come in a call of their own.
    Source:  CMS Pub. 100-04, chapter 5, section 20.2; 42 CFR 410.59, 410.60 (team time).
    """
    if _all_apart(spans, cuts, busy):
        for span in spans:
            _count(span, span.end - span.start, tallies)
        return []
    clashes: list[Clash] = []
    for start, end, active, cutting, elsewhere in _moments(spans, cuts, busy):
        treated = _uncut(active, cutting)
        contested, free = _on_two_codes(treated)
        if contested:
            _lose(clashes, "codes", start, end, contested, ())
        torn = [span for span in free if _is_elsewhere(span, elsewhere)]
        if torn:
            away = {span.interval.performer_id for span in torn}
            others = tuple(sorted({b.session_id for b in elsewhere if b.performer_id in away}))
            _lose(clashes, "patients", start, end, torn, others)
            free = [span for span in free if not _is_elsewhere(span, elsewhere)]
        _share(start, end, free, tallies)
    return clashes


def _all_apart(spans: Sequence[Span], cuts: Sequence[Cut], busy: Sequence[Busy]) -> bool:
    latest = -1 << 62
    for start, end in sorted([(item.start, item.end) for group in (spans, cuts) for item in group]):
        if start < latest:
            return False
        latest = max(latest, end)
    return not any(
        b.start < span.end and span.start < b.end and _is_elsewhere(span, (b,)) for b in busy for span in spans
    )


def _moments(
    spans: Sequence[Span], cuts: Sequence[Cut], busy: Sequence[Busy]
) -> Iterable[tuple[int, int, list[Span], list[Cut], list[Busy]]]:
    """The day cut at every start and end, with what is under way in each piece."""
    items: list[Span | Cut | Busy] = sorted([*spans, *cuts, *busy], key=attrgetter("start"))
    bounds = sorted({bound for item in items for bound in (item.start, item.end)})
    active: list[Span | Cut | Busy] = []
    coming = 0
    for start, end in pairwise(bounds):
        while coming < len(items) and items[coming].start <= start:
            active.append(items[coming])
            coming += 1
        active = [item for item in active if item.end > start]
        treating = [item for item in active if isinstance(item, Span)]
        if treating:
            cutting = [item for item in active if isinstance(item, Cut)]
            yield start, end, treating, cutting, [item for item in active if isinstance(item, Busy)]


def _uncut(active: list[Span], cutting: list[Cut]) -> list[Span]:
    if not cutting:
        return active
    treated = []
    for span in active:
        touching = [cut for cut in cutting if cut.touches(span)]
        for cut in touching:
            cut.taken_from.add(span.interval.code)
        if not touching:
            treated.append(span)
    return treated


def _on_two_codes(treated: list[Span]) -> tuple[list[Span], list[Span]]:
    """The spans that collide with another code, and those that do not.

    A clinician is on one code at a time, and so is a patient; only a caregiver is trained apart from the patient.
    """
    if len({span.code.entry for span in treated}) < 2:
        return [], treated
    with_patient = {span.code.entry for span in treated if span.code.attendance != "caregiver"}
    of_performer: dict[str, set[str]] = {}
    for span in treated:
        of_performer.setdefault(span.interval.performer_id, set()).add(span.code.entry)
    contested: list[Span] = []
    free: list[Span] = []
    for span in treated:
        two_for_patient = span.code.attendance != "caregiver" and len(with_patient) > 1
        two_for_clinician = len(of_performer[span.interval.performer_id]) > 1
        (contested if two_for_patient or two_for_clinician else free).append(span)
    return contested, free


def _is_elsewhere(span: Span, elsewhere: Iterable[Busy]) -> bool:
    """Only one-on-one time can be torn between two patients: a group or a supervised modality cannot."""
    if not span.code.direct or span.interval.contact != "one_on_one":
        return False
    return any(span.interval.performer_id == busy.performer_id for busy in elsewhere)


def _lose(clashes: list[Clash], kind: str, start: int, end: int, spans: list[Span], others: tuple[str, ...]) -> None:
    for span in spans:
        if kind == "codes":
            span.lost_to_codes += end - start
        else:
            span.lost_to_patients += end - start
    who = tuple(sorted(spans, key=lambda span: span.interval.interval_id))
    for last in reversed(clashes[-2:]):
        if last.kind == kind and last.end == start and last.spans == who and last.others == others:
            last.end = end
            return
    clashes.append(Clash(kind, start, end, who, others))


def _share(start: int, end: int, counted: list[Span], tallies: dict[str, Tally]) -> None:
    """One count for each entry: to a therapist where one takes part, else to the assistant."""
    if len(counted) == 1:
        _count(counted[0], end - start, tallies)
        return
    chosen: dict[str, Span] = {}
    for span in sorted(counted, key=_first_counted):
        chosen.setdefault(span.code.entry, span)
    for span in chosen.values():
        _count(span, end - start, tallies)


def _first_counted(span: Span) -> tuple[bool, str, str, str]:
    interval = span.interval
    return interval.role in ASSISTANTS, interval.code, interval.session_id, interval.interval_id


def _count(span: Span, length: int, tallies: dict[str, Tally]) -> None:
    of_code = tallies.get(span.interval.code)
    if of_code is None:
        of_code = tallies[span.interval.code] = Tally()
    of_code.add(length, span.interval.session_id, assistant=span.interval.role in ASSISTANTS)
