"""One clinic's day: patients are given a time with their clinicians, and each visit is recorded."""

from dataclasses import replace
from datetime import date, timedelta
from heapq import heappop

from suite.simulator.caseload import Data, Episode
from suite.simulator.catalogue import MISTAKES, Mistake
from suite.simulator.days import DayClock, opening_days_before
from suite.simulator.dice import between, dice, pick
from suite.simulator.draft import Draft, draft
from suite.simulator.mistakes import plant_in_past, plant_in_visit
from suite.simulator.notes import measures
from suite.simulator.outline import Block, Outline, outline
from suite.simulator.practice import BY_TELEHEALTH, THERAPIST, TIMED
from suite.simulator.rendering import CHANGES, Sending, envelope
from suite.simulator.roster import Roster
from suite.simulator.settings import Simulation
from suite.simulator.staff import CLOSES, OPENS, Clinician, Timetable
from suite.simulator.world import Clinic, credentialed, hire

_REST_BETWEEN_SESSIONS = 120
_OTHER_THERAPIST_AFTER = 17 * 60
_LAST_START = 21 * 60
_FACTS_AT = 7 * 60
_REPORT_AT = 23 * 60


class ClinicDay:
    """Makes one clinic's visits of one day; afterwards `visits` and `sent` hold them and all other events."""

    def __init__(self, clinic: Clinic, today: date, settings: Simulation) -> None:
        self.visits: list[Draft] = []
        self.sent: list[Sending] = []
        """Reference facts, reports and what was promised for today."""
        self.clinic, self._settings = clinic, settings
        self.clock = DayClock(today, clinic.zone)
        self._rng = dice(settings.seed, clinic.org.id, clinic.id, today.toordinal())
        self._table = Timetable()
        self._roster = Roster(clinic, today, settings, self._rng)
        self._again: list[tuple[Draft, Mistake | None]] = []
        self._work()

    def _work(self) -> None:
        wanted = max(1, self._settings.visits_per_clinic_day + between(self._rng, -2, 2))
        rates, rng = self._settings, self._rng
        while len(self.visits) + len(self._again) < wanted:
            before = len(self.visits)
            mistake = self._roster.mistake()
            episode = self._roster.next(mistake)
            if mistake is not None and mistake.needs.late:
                self._late(episode, mistake)
                wanted += mistake.needs.past
                continue
            if mistake is None and rng.random() < rates.group_rate and _can_join(episode):
                self._group(episode)
            else:
                self._visit(episode, mistake)
            if len(self.visits) == before:
                break
        for first, mistake in self._again:
            self._second_session(first, mistake)
        self._promised()
        for kind, subject, data in self._roster.facts:
            self.send(kind, subject, data, _FACTS_AT)

    def send(self, kind: str, subject: str, data: Data, minute: int, which: str = "") -> None:
        """An event that is not of a visit, at that minute of the day; `which` of several of its kind and subject."""
        event_id = f"{subject}:{kind}:{self.clock.iso}{which}"
        event = envelope(self.clinic.source, event_id, kind, subject, self.clock.at(minute), data)
        self.sent.append((minute, event))

    def _visit(self, episode: Episode, mistake: Mistake | None) -> None:
        rng, clinic = self._rng, self.clinic
        therapist, neighbour = self._therapist(episode), None
        if mistake is not None and mistake.id == "CRD-001":
            therapist = hire(clinic, rng, THERAPIST[episode.discipline])
            self._roster.facts.append(
                ("clinician.credentialed", therapist.npi, credentialed(therapist, ["other-plan"]))
            )
        if mistake is not None and mistake.id == "TIM-004/patients":
            neighbour = self._neighbour(episode.discipline)
            if neighbour is None:
                mistake = MISTAKES["TIM-004"]
        assistants = clinic.assistants.get(episode.discipline)
        made = outline(episode, therapist, pick(rng, assistants) if assistants else None, rng, mistake)
        if neighbour is not None:
            for block in made.blocks:
                block.clinician = neighbour.therapist
            self._record(episode, neighbour.therapist, made, neighbour.start + 2, mistake)
            neighbour.mistake, neighbour.change, neighbour.fate = mistake, None, "signed"
            neighbour.signatures[-1].data.pop("charges", None)
            return
        start = max(self._table.free(block.clinician) - block.offset for block in made.blocks if block.busy)
        if start > _LAST_START:
            self._roster.postpone(episode)
            return
        self._record(episode, therapist, made, start, mistake)

    def _late(self, episode: Episode, mistake: Mistake) -> None:
        """A patient whose whole record comes in today: earlier visits that are correct, and the one with the mistake.

        One therapist, hired for it, saw this patient alone.
        """
        therapist = hire(self.clinic, self._rng, THERAPIST[episode.discipline])
        payers = self.clinic.org.payers
        self._roster.facts.append(("clinician.credentialed", therapist.npi, credentialed(therapist, payers)))
        last = self.clock.day - timedelta(days=mistake.needs.age)
        for day in (*opening_days_before(last, mistake.needs.past), last):
            clock = self.clock if day == self.clock.day else DayClock(day, self.clinic.zone)
            made = outline(episode, therapist, None, self._rng, mistake)
            session_id = f"L{self.clock.day:%y%m%d}-{len(self.visits) + 1:03d}"
            carried = mistake if day == last else None
            visit = draft(self.clinic, clock, episode, session_id, therapist, made, OPENS, carried, self._rng)
            if carried is None:
                plant_in_past(visit, mistake)
            plant_in_visit(visit, self._rng)
            if mistake.id == "TFL-001":
                visit.signed_on = self.clock
            self.visits.append(visit)
            self._roster.seen(episode, visit.items, reported=False)

    def _send_again(self, visit: Draft) -> None:
        """The same session under another id, to the same payer or to another one."""
        again = replace(visit, session_id=f"{visit.session_id}-again", opened=dict(visit.opened))
        if visit.mistake is not None and visit.mistake.id == "DUP-001/payer":
            again.sent_to = "commercial-cms" if visit.payer != "commercial-cms" else "workers-comp"
            again.opened["payer_id"] = again.sent_to
            since = f"{self.clock.day.year - 1}-01-01"
            covered = {"payer_id": again.sent_to, "member_id": f"X{visit.episode.patient_id}", "from": since}
            self.send("coverage.verified", visit.episode.patient_id, covered, _FACTS_AT + 1, ":other")
        self.visits.append(again)

    def _therapist(self, episode: Episode) -> Clinician:
        team = self.clinic.therapists[episode.discipline]
        own = team[episode.therapist % len(team)]
        if self._table.free(own) < _OTHER_THERAPIST_AFTER:
            return own
        return min(team, key=lambda one: (self._table.free(one), one.npi))

    def _neighbour(self, discipline: str) -> Draft | None:
        """A correct visit, the last of its therapist so far, during which another patient can be treated."""
        for visit in reversed(self.visits):
            last = visit.start + visit.outline.length + 6 >= self._table.free(visit.therapist)
            alone = all(block.clinician is visit.therapist and block.busy for block in visit.outline.blocks)
            timed = all(block.code in TIMED and block.contact == "one_on_one" for block in visit.outline.blocks)
            plain = visit.mistake is None and not visit.twin and visit.fate == "signed" and visit.clock is self.clock
            if visit.episode.discipline == discipline and last and alone and timed and plain:
                return visit
        return None

    def _record(
        self, episode: Episode, therapist: Clinician, made: Outline, start: int, mistake: Mistake | None
    ) -> Draft:
        rng, rates = self._rng, self._settings
        number = len(self.visits) + 1
        session_id = f"S{self.clock.day:%y%m%d}-{number:03d}"
        visit = draft(self.clinic, self.clock, episode, session_id, therapist, made, start, mistake, rng)
        gap = between(rng, 1, 5)
        for block in made.blocks:
            if block.busy:
                self._table.take(block.clinician, start + block.offset + block.minutes + gap)
        plant_in_visit(visit, rng)
        twice = rng.random() < rates.twice_a_day_rate and mistake is None and len(made.blocks) > 1
        if (twice and _can_join(episode)) or (mistake is not None and mistake.needs.twice):
            visit.twin = True
            self._again.append((visit, mistake))
        elif mistake is None:
            self._happens(visit)
        self.visits.append(visit)
        self._book(visit)
        if mistake is not None and mistake.rule == "DUP-001":
            self._send_again(visit)
        return visit

    def _happens(self, visit: Draft) -> None:
        """What may befall a correct visit: no signature, a void, a later change, live streaming, charges."""
        rng, rates = self._rng, self._settings
        if rng.random() < rates.telehealth_rate and BY_TELEHEALTH.issuperset(visit.outline.codes):
            visit.by_telehealth()
        visit.live = rng.random() < rates.live_rate
        roll = rng.random()
        for rate, fate in ((rates.unsigned_rate, "unsigned"), (rates.void_rate, "void")):
            roll -= rate
            if roll < 0:
                visit.fate = fate
                return
        first = visit.outline.blocks[0]
        if not visit.live and first.minutes >= 12 and first.pause is None and first.contact == "one_on_one":
            if rng.random() < rates.amendment_rate:
                visit.change = pick(rng, CHANGES)
                return
            if rng.random() < rates.correction_rate:
                visit.change = "resent"
                return
        if visit.charged and rng.random() < rates.charges_rate:
            visit.signatures[-1].data["charges"] = visit.charged

    def _book(self, visit: Draft) -> None:
        episode = visit.episode
        due = episode.since_report + 1 >= episode.report_every
        if due:
            report = {
                "reported_on": self.clock.iso,
                "by_npi": visit.therapist.npi,
                "measures": measures(episode),
            }
            self.send("progress.reported", episode.plan_id, report, _REPORT_AT)
        correct = visit.mistake is None and visit.fate == "signed"
        self._roster.seen(episode, visit.items if correct else None, reported=due)

    def _group(self, episode: Episode) -> None:
        """One therapist with two to four patients at once; the first may stay on, one-on-one."""
        members = [episode, *self._roster.companions(episode, between(self._rng, 1, 3))]
        if len(members) == 1:
            self._visit(episode, None)
            return
        therapist, minutes = self._therapist(episode), between(self._rng, 24, 45)
        start = self._table.free(therapist)
        if start > CLOSES:
            for member in members:
                self._roster.postpone(member)
            return
        stays = self._rng.random() < 0.4
        for member in members:
            blocks = [Block("97150", 0, minutes, therapist, contact="group")]
            if stays and member is episode:
                after = between(self._rng, 15, 24)
                blocks.append(Block(member.condition.codes[0], minutes, after, therapist))
            self._record_member(member, therapist, blocks, start)

    def _record_member(self, member: Episode, therapist: Clinician, blocks: list[Block], start: int) -> None:
        visit = self._record(member, therapist, Outline(blocks, billable=False), start, None)
        visit.change = None

    def _second_session(self, first: Draft, mistake: Mistake | None) -> None:
        """The afternoon's session of a patient who came in the morning."""
        rng, therapist = self._rng, first.therapist
        made = outline(first.episode, therapist, None, rng, mistake)
        if mistake is None:
            made.blocks = [block for block in made.blocks if block.busy][:2]
        start = max(self._table.free(therapist), first.end + _REST_BETWEEN_SESSIONS)
        if start > _LAST_START:
            return
        number = len(self.visits) + 1
        episode = first.episode
        session_id = f"S{self.clock.day:%y%m%d}-{number:03d}"
        episode.visits -= 1
        visit = draft(self.clinic, self.clock, episode, session_id, therapist, made, start, mistake, rng)
        episode.visits += 1
        self._table.take(therapist, start + made.length + 3)
        plant_in_visit(visit, rng)
        visit.twin = True
        self.visits.append(visit)

    def _promised(self) -> None:
        today, waiting = self.clock.day.toordinal(), self.clinic.promised
        while waiting and waiting[0][0] <= today:
            _, _, kind, subject, data = heappop(waiting)
            self.send(kind, subject, data, _FACTS_AT + 60)


def _can_join(episode: Episode) -> bool:
    """A patient past the evaluation, in a discipline that treats in groups and twice a day."""
    return episode.discipline in ("PT", "OT") and not episode.evaluation_due and not episode.re_evaluation_due
