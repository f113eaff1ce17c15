"""What a visit's note has in common with those of earlier dates of service, told by sketches and digests alone."""

from collections.abc import Iterator, Sequence
from datetime import date

from therapy_domain.claims.chart import charted_note
from therapy_domain.claims.likeness import first_alike
from therapy_domain.claims.visit import Sitting, Visit
from therapy_domain.events.chart import ChartedNote

CLONED = 90
"""From so much likeness on a note is a copy [%]: of a hundred words, one was changed. In our simulated clinics notes
that are written anew stay below 60; where exercises and guidance alone are those of the last visit (SKL-001) they come
to 77, and a sketch of 32 hashes is off by 5 to 8 either way."""
COMPARED = 20
"""So many earlier visits are looked at: a copy is made from a recent note."""


def copied_from(visit: Visit) -> Iterator[tuple[Sitting, date]]:
    """The sessions whose note is a copy, with the latest date of service that it is a copy of.

    Sessions of one day are never compared: one note may serve both.
    Source:  CMS Pub. 100-02, chapter 15, section 220.3.E (a note of each treatment day); how alike: our reading.
    """
    earlier = [
        (entry.date_of_service, note.sketch)
        for entry in reversed(visit.before[-COMPARED:])
        if entry.date_of_service < visit.on
        for note in entry.notes
    ]
    if not earlier:
        return
    for sitting, note in zip(visit.sittings, _notes(visit), strict=True):
        found = first_alike(note.sketch, earlier, CLONED) if sitting.treated else None
        if found is not None:
            yield sitting, found


def repeated(visit: Visit, visits: int) -> Iterator[tuple[Sitting, date]]:
    """The sessions with the exercises and the guidance of each of the last treated visits of the discipline, and
    the first date of service of those.

    Args:    visits: how many in a row, this one included.
    """
    past = visit.treated_before[1 - visits :]
    if len(past) < visits - 1:
        return
    said = [{(note.exercises, note.guidance) for note in entry.notes if note.exercises} for entry in past]
    every_time = set.intersection(*said)
    if not every_time:
        return
    for sitting, note in zip(visit.sittings, _notes(visit), strict=True):
        if sitting.beyond_evaluation and (note.exercises, note.guidance) in every_time:
            yield sitting, past[0].date_of_service


def _notes(visit: Visit) -> Sequence[ChartedNote]:
    """The digests and sketches of the visit's own notes, by session key."""
    if visit.case.charted is not None:
        return visit.case.charted.notes
    return [charted_note(sitting.recorded) for sitting in visit.sittings]
