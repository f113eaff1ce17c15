"""What a visit's note has in common with those of earlier dates of service, told by sketches and digests alone."""

from collections.abc import Iterator
from datetime import date

from therapy_domain.claims.chart import texts_of
from therapy_domain.claims.likeness import alike, digest, sketch
from therapy_domain.claims.visit import Sitting, Visit

CLONED = 80
"""From so much likeness on a note is a copy [%]: of a hundred words, three at most were changed. Notes that are
written anew for the same patient, with the same goals and measures, stay below 60 in our simulated clinics, and a
sketch is off by 7 at most times."""
COMPARED = 20
"""So many earlier visits are looked at: a copy is made from a recent note."""


def copied_from(visit: Visit) -> Iterator[tuple[Sitting, date]]:
    """The sessions whose note is a copy, with the latest date of service that it is a copy of.

    Sessions of one day are never compared: one note may serve both.
    Source:  CMS Pub. 100-02, chapter 15, section 220.3.E (a note of each treatment day); how alike: our reading.
    """
    earlier = [
        (entry.date_of_service, note.sketch)
        for entry in visit.before[-COMPARED:]
        if entry.date_of_service < visit.on
        for note in entry.notes
        if note.sketch
    ]
    if not earlier:
        return
    for sitting in visit.sittings:
        own = sketch(texts_of(sitting.recorded.note)) if sitting.treated else ()
        found = next((day for day, other in reversed(earlier) if alike(own, other, CLONED)), None)
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
    for sitting in visit.sittings:
        note = sitting.recorded.note
        if sitting.beyond_evaluation and (digest(note.exercises), digest(note.skilled_guidance)) in every_time:
            yield sitting, past[0].date_of_service
