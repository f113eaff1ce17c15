"""Each kind of evidence, present and missing: what is shown, of which events, what may be said, which gap is named."""

from collections.abc import Callable, Iterator
from datetime import date
from typing import Any

import pytest

from support.denied import PT, Denied, filed
from support.golden import Golden
from support.scene import PTA, RULES
from therapy_domain.appeals.evidence import Evidence, Gap, gather
from therapy_domain.appeals.evidence.finding import Found, Item
from therapy_domain.appeals.evidence.gathering import FINDERS
from therapy_domain.events.claim import ClaimLine, Finding
from therapy_domain.rulesets.denials import denial_codes

Change = Callable[[Denied], Any]
OTHER_NPI = "1000000004"
UNCLOCKED: dict[str, Any] = {"unclocked": 20}
"""Twenty minutes without clock times."""


def line(number: int, code: str, units: int = 1, modifiers: tuple[str, ...] = ("GP",)) -> ClaimLine:
    return ClaimLine(line=number, code=code, minutes=15 * units, units=units, modifiers=modifiers, charge_cents=5_000)


def finding(rule: str, about: int | None, severity: Any = "deny") -> Finding:
    return Finding(rule=rule, severity=severity, line=about, message=f"words of {rule}", fix="f", source="s")


def made(denied: Denied, *, unclocked: int | None = None, lacks: str = "", **changes: Any) -> dict[str, Any]:
    """An interval, maybe without clock times, or without a field."""
    interval = denied.interval(**changes)
    if unclocked is not None:
        interval["minutes"] = unclocked
    missing = ("start", "end") if unclocked is not None else (lacks,)
    return {key: value for key, value in interval.items() if key not in missing}


def sessions(*of_each: list[dict[str, Any]]) -> Change:
    """More sessions of the same day."""

    def change(denied: Denied) -> None:
        for intervals in of_each:
            denied.session(*[made(denied, **each) for each in intervals])

    return change


def worked(*of_each: dict[str, Any]) -> Change:
    """Other intervals in the first session."""
    return lambda denied: denied.intervals(*[made(denied, **each) for each in of_each])


def claim(*lines: ClaimLine, findings: tuple[Finding, ...] = ()) -> Change:
    """Another claim that the payer answered."""
    return lambda denied: denied.change(assessed={"lines": lines, "findings": findings})


def all_of(*changes: Change) -> Change:
    def change(denied: Denied) -> None:
        for each in changes:
            each(denied)

    return change


def nothing(denied: Denied) -> None:
    del denied


def no_session(denied: Denied) -> None:
    denied.sessions.clear()
    denied.change(counted={"lines": (), "explanation": ()}, assessed={"lines": (line(1, "97112"),)})


def measure(name: str, value: float, unit: str = "points", **more: Any) -> dict[str, Any]:
    return {"name": name, "value": value, "unit": unit, **more}


def berg(value: float, **more: Any) -> dict[str, Any]:
    return measure("Berg", value, **more)


def authorized(**changes: Any) -> Change:
    grant = {"number": "A-1", "from": "2026-02-01", "to": "2026-04-30", **changes}
    return lambda denied: denied.covered(authorization=grant)


def enrolled(**changes: Any) -> Change:
    return lambda denied: denied.clinicians.update({PT: {"payers": [{"payer_id": "medicare", **changes}]}})


CODES_97112 = ("97112",)
CASES: dict[str, dict[str, Change]] = {
    "minutes": {
        "two services by the clock": nothing,
        "one in dispute": lambda d: d.change(disputed=CODES_97112),
        "to the second": worked({"start": 0.5, "minutes": 28.75}),
        "in time's order whatever their ids": worked(
            {"start": 40, "minutes": 15, "interval_id": "a"}, {"start": 0, "minutes": 15, "interval_id": "b"}
        ),
        "of one start by their ids": worked(
            {"minutes": 20, "interval_id": "b", "by": "second"}, {"minutes": 20, "interval_id": "a", "by": "first"}
        ),
        "without clock times, behind those with": worked(
            {"code": "97530", **UNCLOCKED, "interval_id": "a"}, {"minutes": 28, "interval_id": "b"}
        ),
        "of one code, one by the clock and one not": worked(
            {**UNCLOCKED, "interval_id": "b"}, {"minutes": 15, "interval_id": "a"}
        ),
        "two without clock times": worked({**UNCLOCKED}, {**UNCLOCKED, "code": "97530"}),
        "of an assistant under supervision": worked({"role": "PTA"}),
        "of a group": worked({"code": "97150", "contact": "group"}),
        "one minute": all_of(worked({"minutes": 1}), claim(line(1, "97112"))),
        "of a code without minutes": claim(line(1, "97112"), line(2, "97140")),
        "of nothing in dispute": claim(line(1, "97140")),
        "not counted, with those that are": worked(
            {}, {"start": 30, "minutes": 10, "contact": "observed"}, {"start": 45, "code": "97530", "minutes": 1}
        ),
        "not counted, of another code": all_of(
            worked({}, {"code": "97530", "start": 30, "minutes": 9, "contact": "observed"}),
            lambda d: d.change(disputed=CODES_97112),
        ),
        "one not counted": worked({}, {"start": 30, "minutes": 1, "skilled": False}),
        "none counted": all_of(worked({"contact": "observed"}), claim(line(1, "97112"))),
        "beside rest": worked({}, {"start": 30, "minutes": 10, "activity": "rest"}),
        "of a code that is not in the table": all_of(
            worked({"code": "12345", "minutes": 30}), claim(line(1, "12345", 2))
        ),
        "amended since": lambda d: d.first.update(amended=True),
        "amended in one of two sessions": all_of(
            sessions([{"code": "97530", "start": 120, "minutes": 16}]), lambda d: d.first.update(amended=True)
        ),
        "of two sessions": sessions([{"start": 120, "minutes": 15}]),
        "no session": no_session,
    },
    "units": {
        "those that were billed": nothing,
        "one in dispute": lambda d: d.change(disputed=CODES_97112),
        "more billed than counted": claim(line(1, "97112", 3), line(2, "97530", 1)),
        "less billed than counted": claim(line(1, "97112", 1), line(2, "97530", 1)),
        "as many billed on two lines": claim(line(1, "97112", 1), line(2, "97112", 1)),
        "more billed on two lines": claim(line(1, "97112", 1), line(2, "97112", 2)),
        "counted on two lines": worked({"minutes": 15}, {"start": 20, "minutes": 15, "role": "PTA"}),
        "of a code that was not counted": claim(line(1, "97140", 1)),
        "of a code that was neither counted nor billed": claim(line(1, "97140", 0)),
        "none counted": lambda d: d.change(counted={"lines": ()}),
        "no steps": lambda d: d.change(counted={"explanation": ()}),
        "steps that end with a point": lambda d: d.change(counted={"explanation": ("44 minutes make 3 units.", "So.")}),
        "no session": no_session,
    },
    "modifiers": {
        "as the record asks": nothing,
        "several on a line": claim(line(1, "97112", 1, ("GP", "CQ", "KX")), line(2, "97530", 1, ("GP", "59"))),
        "one line in dispute": lambda d: d.change(disputed=("97530",)),
        "a fault of a line": claim(line(1, "97112"), findings=(finding("MOD-001", 1),)),
        "a fault of the claim": claim(line(1, "97112"), findings=(finding("MOD-002", None, "reject"),)),
        "a fault of another line": all_of(
            claim(line(1, "97112"), line(2, "97530"), findings=(finding("MOD-001", 2),)),
            lambda d: d.change(disputed=CODES_97112),
        ),
        "advice": claim(line(1, "97112"), findings=(finding("MOD-001", 1, "advice"),)),
        "a fault that is not about modifiers": claim(line(1, "97112"), findings=(finding("TIM-001", 1),)),
        "two faults": claim(line(1, "97112"), findings=(finding("MOD-001", 1), finding("MOD-003", None, "delay"))),
        "a bare line": claim(line(1, "97112", 1, ()), line(2, "97530")),
        "KX above the threshold": all_of(claim(line(1, "97112", 1, ("GP", "KX"))), lambda d: d.by("PR-119")),
        "no KX above the threshold": all_of(
            claim(line(1, "97112", 1, ("GP", "KX")), line(2, "97530")), lambda d: d.by("CO-50", "PR-119")
        ),
        "everything wrong": all_of(
            claim(line(1, "97112", 1, ()), findings=(finding("MOD-001", 1),)), lambda d: d.by("PR-119")
        ),
        "no line": lambda d: d.change(disputed=()),
    },
    "assistant-minutes": {
        "none took part": nothing,
        "one took part": worked({"role": "PTA", "minutes": 20}, {"start": 30, "minutes": 16}),
        "of occupational therapy": all_of(
            lambda d: d.change(discipline="OT"), worked({"role": "OTA", "minutes": 20, "supervisor_npi": PT})
        ),
        "two stretches": worked(
            {"role": "PTA", "minutes": 20.75}, {"role": "PTA", "start": 30, "minutes": 15.5, "code": "97530"}
        ),
        "one minute": worked({"role": "PTA", "minutes": 1}, {"start": 30, "minutes": 15}),
        "without clock times": worked({"role": "PTA", **UNCLOCKED}, {"role": "PTA", "code": "97530"}),
        "a stretch of no length": worked({"role": "PTA", "minutes": 0}, {"start": 30}),
        "of another code": all_of(
            worked({}, {"code": "97530", "start": 30, "role": "PTA", "minutes": 16}),
            lambda d: d.change(disputed=CODES_97112),
        ),
        "an aide": worked({"role": "AIDE", "by": "aide"}, {"start": 30, "code": "97530", "minutes": 16}),
        "nothing to look at": claim(line(1, "97140")),
    },
    "time-blocks": {
        "two codes one after the other": nothing,
        "one of them in dispute": lambda d: d.change(disputed=CODES_97112),
        "one behind the other without a pause": worked({}, {"code": "97530", "start": 28, "minutes": 15}),
        "the second before the first ends": worked({}, {"code": "97530", "start": 27, "minutes": 15}),
        "one within the other": worked({"minutes": 40}, {"code": "97530", "start": 10, "minutes": 15}),
        "two people at one code in one session": worked(
            {"minutes": 20}, {"minutes": 20, "start": 10, "role": "PTA"}, {"code": "97530", "start": 40, "minutes": 15}
        ),
        "one code in two sessions at once": sessions([{"start": 10, "minutes": 15}]),
        "two codes in two sessions at once": sessions([{"start": 29, "minutes": 2, "code": "97110"}]),
        "one service alone": worked({}),
        "no clock times": worked({}, {"code": "97530", **UNCLOCKED}),
        "no clock times for the first": worked({**UNCLOCKED}, {"code": "97530"}),
        "a start and no end": worked({}, {"code": "97530", "start": 20, "lacks": "end"}),
        "an end and no start": worked({}, {"code": "97530", "start": 20, "lacks": "start"}),
        "neither of both": worked({"lacks": "end"}, {"code": "97530", "start": 20, "lacks": "start"}),
        "of a duplicate, one session": lambda d: d.by("OA-18"),
        "of a duplicate, one of two codes twice": all_of(
            lambda d: d.by("OA-18"), sessions([{"start": 120, "minutes": 15}])
        ),
        "of a duplicate, twice": all_of(
            lambda d: d.by("OA-18").change(disputed=CODES_97112), sessions([{"start": 120, "minutes": 15}])
        ),
        "of a duplicate, twice in one session": all_of(
            worked({"minutes": 15}, {"start": 120, "minutes": 15}), lambda d: d.by("OA-18")
        ),
        "of a duplicate, in another visit of the day": lambda d: (
            d.by("OA-18").change(disputed=CODES_97112).other(0, d.interval())
        ),
        "of a duplicate, another code in another visit of the day": lambda d: (
            d.by("OA-18").change(disputed=CODES_97112).other(0, d.interval("97110"))
        ),
        "of a duplicate, in a visit of another day": lambda d: (
            d.by("OA-18").change(disputed=CODES_97112).other(1, d.interval())
        ),
        "of a duplicate and something else": lambda d: d.by("CO-50", "OA-18").change(disputed=CODES_97112),
        "no treatment": claim(line(1, "97140")),
        "no treatment of two codes": claim(line(1, "97140"), line(2, "97035")),
    },
    "notes": {
        "written and signed": nothing,
        "every text": lambda d: d.note(
            plan_alignment="As planned",
            assistant_supervision="On site",
            extended_time_justification="Slow",
            separate_services_justification="Apart",
        ),
        "one text": lambda d: (d.first.update(note={"equipment": "Chair"}), d.note())[1],
        "empty": lambda d: d.first.update(note={}),
        "spaces": lambda d: d.first.update(note={"exercises": " \n", "equipment": ""}),
        "measures alone": lambda d: d.first.update(note={"objective_measures": [berg(40), berg(41, baseline=0)]}),
        "not signed": lambda d: d.first.update(signatures=[]),
        "signed without credentials": lambda d: d.signed({"credentials": None}),
        "signed with nothing": lambda d: d.signed({"credentials": None, "license_number": None}),
        "signed without a licence": lambda d: d.signed({"license_number": None}),
        "signed by two, one without credentials": lambda d: d.signed(
            {"credentials": None}, {"clinician_npi": OTHER_NPI, "credentials": "PTA", "signed_at": d.at(75.5, 15)}
        ),
        "signed by two": lambda d: d.signed({}, {"clinician_npi": OTHER_NPI, "credentials": "PTA"}),
        "signed as it ended": lambda d: d.signed({"signed_at": d.at(46)}),
        "signed before it ended": lambda d: d.signed({"signed_at": d.at(45)}),
        "signed before and after it ended": lambda d: d.signed({"signed_at": d.at(45)}, {"signed_at": d.at(50)}),
        "signed before the rest ended": all_of(
            worked({}, {"start": 30, "minutes": 15, "activity": "rest"}), lambda d: d.signed({"signed_at": d.at(28)})
        ),
        "signed without clock times": worked({**UNCLOCKED}),
        "not signed, without clock times": all_of(worked({**UNCLOCKED}), lambda d: d.first.update(signatures=[])),
        "of two sessions": sessions([{"start": 120, "minutes": 15}]),
        "of two sessions, one empty": lambda d: d.session(d.interval(start=120), note={}, signatures=[]),
        "no session": no_session,
    },
    "skilled-need": {
        "need and skill": nothing,
        "need and skill and no more": lambda d: d.note(patient_response=None, functional_change=" "),
        "no need": lambda d: d.note(medical_necessity=None),
        "no skill": lambda d: d.note(skilled_guidance=""),
        "neither": lambda d: d.note(medical_necessity=None, skilled_guidance=None),
        "nothing": lambda d: d.first.update(note={"exercises": "Stairs"}),
        "each in one of two sessions": lambda d: d.note(medical_necessity=None).session(
            d.interval(start=120), note={"medical_necessity": " Falls. "}
        ),
        "in two sessions": sessions([{"start": 120, "minutes": 15}]),
    },
    "diagnoses": {
        "of the plan": nothing,
        "two of the plan": lambda d: d.opened(diagnoses=["G20.A1", "R26.81", "G20.A1"]),
        "with and without points": lambda d: d.opened(diagnoses=["R2681"]).plan(diagnoses=["R26.81"]),
        "beside the plan": lambda d: d.opened(diagnoses=["R26.81", "M54.50", "M62.81"]),
        "of two sessions": lambda d: d.session(
            d.interval(start=120), opened={**d.first["opened"], "diagnoses": ["G20.A1"]}
        ),
        "none": lambda d: d.opened(diagnoses=[]),
        "no plan": lambda d: d.plans.clear(),
        "a plan without": lambda d: d.plan(diagnoses=[]),
    },
    "evaluation": {
        "named by the plan": nothing,
        "on record": lambda d: d.other(14, d.interval("97161")),
        "on record twice": lambda d: d.other(14, d.interval("97161")).other(14, d.interval("97162"), hour=13),
        "of another day": lambda d: d.other(13, d.interval("97161")),
        "treatment of that day": lambda d: d.other(14, d.interval("97112"), d.interval("97164", interval_id="i")),
        "a code that is not in the table": lambda d: d.other(14, d.interval("12345")),
        "not named": lambda d: d.plan(initial_evaluation_on=None),
        "no plan": lambda d: d.plans.clear(),
    },
    "plan": {
        "certified": nothing,
        "certified by a physician": lambda d: d.plan(certified_by_npi=OTHER_NPI),
        "two goals": lambda d: d.plan(goals=["Stairs with one rail", "Berg 50"]),
        "no goal": lambda d: d.plan(goals=[]),
        "names the services": lambda d: d.plan(interventions=["97112", "97530"]),
        "does not name one": lambda d: d.plan(interventions=["97112"]),
        "names none": lambda d: d.plan(interventions=[]),
        "one in dispute, named": lambda d: d.plan(interventions=["97112"]).change(disputed=CODES_97112),
        "awaiting certification": lambda d: d.plan(certified_on=None),
        "awaiting certification of a physician": lambda d: d.plan(certified_on=None, certified_by_npi=OTHER_NPI),
        "an order on file": lambda d: d.plan(certified_on=None, order_on_file=True, sent_on="2026-02-20"),
        "not certified": lambda d: d.plan(
            certified_on=None, initial_evaluation_on="2026-01-01", **{"from": "2026-01-01"}
        ),
        "lapsed": lambda d: d.plan(to="2026-03-01"),
        "on its last day": lambda d: d.plan(to="2026-03-02"),
        "not begun": lambda d: d.plan(initial_evaluation_on=None, **{"from": "2026-03-03"}),
        "begins on the day": lambda d: d.plan(initial_evaluation_on=None, **{"from": "2026-03-02"}),
        "named by the visit and unknown": lambda d: d.opened(plan_id="plan-9"),
        "not named by the visit": lambda d: d.opened(plan_id=None),
        "not named by the visit, and none in force": lambda d: d.opened(plan_id=None).plan(to="2026-03-01"),
        "named by the second session": lambda d: (
            d.opened(plan_id=None),
            d.plans.append(("plan-2", {"goals": ["Walk"]})),
            d.session(d.interval(start=120), opened={**d.first["opened"], "plan_id": "plan-2"}),
        ),
        "named by two sessions": lambda d: (
            d.plans.append(("plan-2", {"goals": ["Walk"]})),
            d.session(d.interval(start=120), opened={**d.first["opened"], "plan_id": "plan-2"}),
        ),
        "none": lambda d: d.plans.clear(),
        "everything wrong": lambda d: d.plan(goals=[], interventions=["97140"], to="2026-03-01"),
    },
    "measures": {
        "of the day, with a baseline": nothing,
        "of the day, a baseline of nothing": lambda d: d.note(objective_measures=[berg(44, baseline=0)]),
        "of the day, without": lambda d: d.note(objective_measures=[berg(44)]),
        "before and on the day": lambda d: d.other(7, measures=[berg(40)]),
        "twice on the day": lambda d: d.other(0, measures=[berg(41, baseline=39)]),
        "before and not on the day": lambda d: d.note(objective_measures=None).other(7, measures=[berg(40)]),
        "after the day": lambda d: d.other(-1, measures=[berg(50)]),
        "several by name": lambda d: (
            d.note(objective_measures=[measure("TUG", 14.5, "s", baseline=18), berg(44)])
            .other(7, measures=[measure("TUG", 16, "sec")])
            .other(14, measures=[berg(40, baseline=38)])
        ),
        "of a progress report": lambda d: d.progress.append(
            ("plan-1", {"reported_on": "2026-02-27", "measures": [berg(42)]})
        ),
        "of a progress report alone": lambda d: (
            d.note(objective_measures=None),
            d.progress.append(
                ("plan-1", {"reported_on": "2026-02-27", "measures": [berg(42), measure("Gait", 0.8, "m/s")]})
            ),
        ),
        "none": lambda d: d.note(objective_measures=None),
        "none and none of another visit": lambda d: d.note(objective_measures=[]).other(7),
    },
    "progress": {
        "one report": lambda d: d.progress.append(("plan-1", {"reported_on": "2026-02-27"})),
        "two reports, by day": lambda d: d.progress.extend(
            [
                (
                    "plan-1",
                    {"reported_on": "2026-03-01", "by_npi": OTHER_NPI, "measures": [berg(44), measure("TUG", 14, "s")]},
                ),
                ("plan-1", {"reported_on": "2026-02-20", "measures": [berg(41)]}),
            ]
        ),
        "none": nothing,
    },
    "eligibility": {
        "covered": nothing,
        "from and to the day": lambda d: d.covered(to="2026-03-02", **{"from": "2026-03-02"}),
        "until the day before": lambda d: d.covered(to="2026-03-01"),
        "from the day after": lambda d: d.covered(**{"from": "2026-03-03"}),
        "by another payer": lambda d: d.covered(payer_id="commercial-cms"),
        "codes": lambda d: d.covered(covered_codes=["97112", "97530"]),
        "not this code": lambda d: d.covered(covered_codes=["97112", "97140"]),
        "this one in dispute": lambda d: d.covered(covered_codes=["97112"]).change(disputed=CODES_97112),
        "no codes": lambda d: d.covered(covered_codes=[]),
        "verified twice": lambda d: d.coverages.append({"member_id": "M-78", "from": "2026-01-01"}),
        "none": lambda d: d.coverages.clear(),
    },
    "authorization": {
        "without limits": authorized(),
        "of the day alone": authorized(**{"from": "2026-03-02", "to": "2026-03-02"}),
        "until the day before": authorized(to="2026-03-01"),
        "from the day after": authorized(**{"from": "2026-03-03"}),
        "the one that the visit names": all_of(authorized(), lambda d: d.opened(authorization_number="A-1")),
        "another one than the visit names": all_of(authorized(), lambda d: d.opened(authorization_number="A-2")),
        "another one than two sessions name": all_of(
            authorized(),
            lambda d: d.opened(authorization_number="A-3"),
            lambda d: d.session(d.interval(start=120), opened={**d.first["opened"], "authorization_number": "A-2"}),
        ),
        "one that a session names, and one that names none": all_of(
            authorized(),
            lambda d: d.session(d.interval(start=120), opened={**d.first["opened"], "authorization_number": "A-1"}),
        ),
        "visits, the last one": all_of(authorized(visits=3), lambda d: d.other(7).other(14).other(7)),
        "visits, one too many": all_of(authorized(visits=2), lambda d: d.other(7).other(14)),
        "one visit": authorized(visits=1),
        "units, the last one": all_of(authorized(units=8), lambda d: d.other(7).other(14, units=3)),
        "units, one too many": all_of(authorized(units=7), lambda d: d.other(7).other(14, units=3)),
        "visits and units": all_of(authorized(units=9, visits=3), lambda d: d.other(7)),
        "visits and units, both too many": all_of(authorized(units=4, visits=1), lambda d: d.other(7)),
        "visits, beside those for another payer": all_of(
            authorized(visits=2), lambda d: d.other(7, payer="commercial-cms").other(8)
        ),
        "visits, beside those before its days": all_of(authorized(visits=2), lambda d: d.other(29).other(30)),
        "visits, beside others of the day and after it": all_of(authorized(visits=2), lambda d: d.other(0).other(-1)),
        "by the second coverage": lambda d: d.coverages.append(
            {
                "member_id": "M-78",
                "from": "2026-01-01",
                "authorization": {"number": "A-2", "from": "2026-02-01", "to": "2026-04-30"},
            }
        ),
        "of two coverages": all_of(
            authorized(to="2026-03-01"),
            lambda d: d.coverages.append(
                {
                    "member_id": "M-78",
                    "from": "2026-01-01",
                    "authorization": {"number": "A-2", "from": "2026-02-01", "to": "2026-04-30"},
                }
            ),
        ),
        "none": nothing,
        "none, and one is named": lambda d: d.opened(authorization_number="A-2"),
    },
    "enrollment": {
        "enrolled": nothing,
        "from and to the day": enrolled(**{"from": "2026-03-02", "to": "2026-03-02"}),
        "until the day before": enrolled(**{"from": "2026-01-01", "to": "2026-03-01"}),
        "from the day after": enrolled(**{"from": "2026-03-03"}),
        "with another payer": enrolled(payer_id="commercial-cms", **{"from": "2026-01-01"}),
        "twice": lambda d: d.clinicians.update(
            {
                PT: {
                    "payers": [
                        {"payer_id": "medicare", "from": "2025-01-01"},
                        {"payer_id": "medicare", "from": "2026-01-01", "to": "2026-12-31"},
                    ]
                }
            }
        ),
        "one of two": lambda d: d.session(
            d.interval(start=120), opened={**d.first["opened"], "clinician_npi": OTHER_NPI}
        ),
        "two": lambda d: (
            d.session(d.interval(start=120), opened={**d.first["opened"], "clinician_npi": OTHER_NPI}),
            d.clinicians.update({OTHER_NPI: {"role": "PTA", "license_number": "L-2"}}),
        ),
        "somebody else": lambda d: (d.clinicians.clear(), d.clinicians.update({PTA: {"role": "PTA"}})),
        "nobody": lambda d: d.clinicians.clear(),
        "nobody was wanted": no_session,
    },
    "acknowledgment": {
        "in time": nothing,
        "by the notice": lambda d: d.answered(notice_date=date(2026, 4, 6)),
        "on the last day": lambda d: d.answered(received_on=date(2027, 3, 2)),
        "a day late": lambda d: d.answered(received_on=date(2027, 3, 3)),
        "late, with a notice in time": lambda d: d.answered(received_on=date(2027, 3, 9), notice_date=date(2027, 3, 2)),
        "on the payer's last day": lambda d: d.change(payer="commercial-cms").answered(received_on=date(2026, 8, 29)),
        "a day behind the payer's": lambda d: d.change(payer="commercial-cms").answered(received_on=date(2026, 8, 30)),
        "an unknown payer": lambda d: d.change(policy=None),
    },
    "filing": {
        "in time": lambda d: d.change(filed=filed()),
        "on the last day": lambda d: d.change(filed=filed(date(2026, 8, 9))),
        "a day late": lambda d: d.change(filed=filed(date(2026, 8, 10))),
        "a day late without proof": lambda d: d.change(filed=filed(date(2026, 8, 10), proof=None, how="mail")),
        "late, with a cause": lambda d: d.change(filed=filed(date(2026, 8, 10), good_cause="The office was flooded")),
        "in time, with a cause": lambda d: d.change(filed=filed(good_cause="The office was flooded.")),
        "without proof": lambda d: d.change(filed=filed(proof=None, how="fax")),
        "no day of decision": lambda d: d.change(filed=filed(decision_due=None)),
        "none": nothing,
    },
}
TABLE = [(key, name, change) for key, cases in CASES.items() for name, change in cases.items()]


def told(found: Found) -> Iterator[str]:
    """What was found, line by line."""
    if found.item is not None:
        yield f"{found.item.key}: {found.item.title}"
        yield from (f"| {each}" for each in found.item.lines)
        yield from (f"@ {reference.position} {reference.type}" for reference in found.item.references)
    yield from (f"says: {each}" for each in found.says)
    yield from (f"gap {gap.key}: {gap.words}" for gap in found.gaps)


@pytest.mark.parametrize(("key", "name", "change"), TABLE, ids=[f"{key}: {name}" for key, name, _ in TABLE])
def test_what_the_record_shows_and_does_not_show(key: str, name: str, change: Change, evidence_told: Golden) -> None:
    denied = Denied()
    change(denied)
    evidence_told.holds(f"{key}: {name}", told(FINDERS[key](denied.dispute())))


def test_every_kind_of_evidence_has_cases() -> None:
    assert set(CASES) == set(FINDERS)


def test_each_kind_is_looked_for_once_and_what_we_do_not_hold_is_to_be_enclosed() -> None:
    dispute, table = Denied().dispute(), denial_codes(RULES)
    outside = sorted(table.outside)
    found = gather(dispute, ["plan", outside[0], "notes", "plan", *outside, outside[0], "unheard-of"])
    assert list(found.found) == ["plan", "notes"]
    assert found.found["plan"] == FINDERS["plan"](dispute)
    assert found.outside == tuple(Gap(key, f"to be enclosed: {table.evidence[key]}") for key in outside)
    assert gather(dispute, []) == Evidence({}, ())


def test_a_kind_supports_an_argument_where_something_may_be_said() -> None:
    shown = Item("plan", "t", ("l",), ())
    gaps = (Gap("plan", "a"), Gap("plan", "b")), (Gap("notes", "c"),)
    found = Evidence(
        {"plan": Found(shown, ("said",), gaps[0]), "notes": Found(shown, (), gaps[1]), "units": Found()},
        outside=(Gap("x", "d"),),
    )
    assert [found.supports(key) for key in ("plan", "notes", "units", "x")] == [True, False, False, False]
    assert found.gaps == (*gaps[0], *gaps[1])
