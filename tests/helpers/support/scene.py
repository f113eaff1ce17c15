"""Builders: a `Scene` is a clean Medicare visit that a test changes in one place and has assessed."""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from therapy_domain.claims.assess import assess
from therapy_domain.claims.case import Case, Known
from therapy_domain.claims.clocks import Clocks
from therapy_domain.claims.likeness import digest, sketch
from therapy_domain.events.chart import ChartedLine, ChartedNote, VisitCharted
from therapy_domain.events.claim import (
    ClaimAssessed,
    ClaimQuestioned,
    Finding,
    FindingOverridden,
    QuestionAnswered,
    RemittanceReceived,
    UnitsCalculated,
)
from therapy_domain.events.reference import (
    ClinicianCredentialed,
    CoverageVerified,
    OrganizationConfigured,
    PatientRegistered,
    PlanCertified,
    ProgressReported,
)
from therapy_domain.events.session import Interval, SessionRecorded
from therapy_domain.identity import case_id, claim_id, fact_id, id_text
from therapy_domain.rulesets import load
from therapy_domain.rulesets.payers import PayerPolicy, extend, shipped
from therapy_domain.units.calculate import calculate
from therapy_domain.units.model import DayOfWork, Occupied, WorkedInterval

RULES = load("2026.1")
PT, PTA, SUPERVISOR = "1234567893", "1245319599", "1234567893"
ORG = {
    "name": "Alder Therapy",
    "billing_npi": PT,
    "tax_id": "12-3456789",
    "taxonomy": "225100000X",
    "address": {"line1": "1 Elm St", "city": "Dayton", "state": "OH", "zip": "45402"},
    "contact": {"name": "Office", "phone": "9375550100"},
    "fees": {"97112": 5000, "97530": 6000},
    "clinics": [{"id": "north", "name": "North", "timezone": "America/New_York"}],
}
NOTE = {
    "exercises": "Tandem stance on foam 3 x 30 s, then sit to stand 2 x 10 from an 18 inch chair",
    "skilled_guidance": "Manual facilitation at the pelvis, verbal cues for weight shift",
    "patient_response": "Loss of balance twice, corrected with a stepping strategy",
    "objective_measures": [{"name": "Berg", "value": 44, "unit": "points", "baseline": 39}],
    "functional_change": "Now climbs one flight with one rail",
    "safety_precautions": "Gait belt and contact guard",
    "equipment": "Foam pad, chair",
    "medical_necessity": "Ataxic gait limits walking outside the home",
    "progress_toward_goals": "Goal 1 of 3 met",
    "patient_education": "Home programme reviewed",
}


def _id(*parts: object) -> str:
    return id_text(fact_id("/orgs/o/clinics/north", "/".join(map(str, parts))))


def known(event: Any, subject: str, *what: object, at: datetime | None = None) -> Known[Any]:
    """The event as the log would know it."""
    return Known(_id(type(event).__name__, subject, *what), event, subject, at or datetime(2026, 1, 1, tzinfo=UTC))


FOUND: list[Finding] = []
"""What a test's scenes found so far."""


class Scene:
    """A clean visit; change its attributes, then `case()`, `assess()`, `found()`."""

    def __init__(self, **changes: Any) -> None:
        self.org, self.patient_id, self.payer, self.discipline = "o", "p-1", "medicare", "PT"
        self.on = date(2026, 3, 2)
        self.sessions: list[dict[str, Any]] = []
        self.organization: dict[str, Any] | None = ORG
        self.patient: dict[str, Any] | None = {
            "family_name": "Doe",
            "given_name": "Jan",
            "birth_date": "1950-05-05",
            "sex": "F",
            "member_ids": {"medicare": "M-77", "commercial-cms": "M-77", "commercial-midpoint": "M-77"},
        }
        self.coverages: list[dict[str, Any]] = [{}]
        self.plans: list[tuple[str, dict[str, Any]]] = [("plan-1", {})]
        self.progress: list[tuple[str, dict[str, Any]]] = []
        self.clinicians: dict[str, dict[str, Any]] = {PT: {}}
        self.policy: PayerPolicy | str | None = "shipped"
        self.settings: dict[str, Any] = {}
        self.conflicts: tuple[str, ...] = ()
        self.overrides: list[tuple[str, int | None]] = []
        self.elsewhere: tuple[Occupied, ...] = ()
        self.history: list[dict[str, Any]] = []
        """See `visited`."""
        self.same_day: list[Known[VisitCharted]] = []
        """See `beside`."""
        self.verified_at = datetime(2026, 1, 1, tzinfo=UTC)
        self.remittances: list[tuple[str, datetime]] = []
        self.questions: list[tuple[int, datetime]] = []
        self.answers: list[int] = []
        for name, value in changes.items():
            assert hasattr(self, name), name
            setattr(self, name, value)
        if not self.sessions:
            self.session()

    def at(self, minutes: float, hour: int = 9) -> str:
        """A clock time of the day in New York, so many minutes past the hour."""
        day = datetime(self.on.year, self.on.month, self.on.day, hour, tzinfo=ZoneInfo("America/New_York"))
        return (day + timedelta(minutes=minutes)).isoformat(timespec="seconds")

    def interval(self, code: str = "97112", start: float = 0, minutes: int = 28, **more: Any) -> dict[str, Any]:
        """A recorded interval, by the clock."""
        role = more.pop("role", "PT")
        made = {
            "interval_id": more.pop("interval_id", f"i-{code}-{start}-{role}"),
            "code": code,
            "start": self.at(start),
            "end": self.at(start + minutes),
            "performer": {"id": more.pop("by", PT if role != "PTA" else PTA), "role": role},
            "contact": "one_on_one",
        }
        if role in ("PTA", "OTA"):
            made["supervisor_npi"] = SUPERVISOR
        made.update(more)
        return {key: value for key, value in made.items() if value is not None}

    def session(self, *intervals: dict[str, Any], **changes: Any) -> dict[str, Any]:
        """Add a session; the first call without intervals makes the clean one."""
        number = len(self.sessions) + 1
        made = {
            "session_id": f"S-{number}",
            "intervals": list(intervals) or [self.interval(), self.interval("97530", 30, 16)],
            "note": dict(NOTE),
            "opened": {"diagnoses": ["R26.81"], "plan_id": "plan-1", "clinician_npi": PT, "place_of_service": "11"},
            "signatures": [
                {
                    "clinician_npi": PT,
                    "credentials": "PT, DPT",
                    "license_number": "PT-1",
                    "signed_at": self.at(0, 15),
                }
            ],
            "charges": None,
            "clinic": "north",
            "conflicts": (),
            **changes,
        }
        self.sessions.append(made)
        return made

    @property
    def first(self) -> dict[str, Any]:
        """The first session, to change."""
        return self.sessions[0]

    def note(self, **items: Any) -> "Scene":
        """Set items of the first session's note; None takes one out."""
        for name, value in items.items():
            self.first["note"].pop(name, None)
            if value is not None:
                self.first["note"][name] = value
        return self

    def visited(self, day: date | str | int, *lines: tuple[Any, ...], **changes: Any) -> "Scene":
        """An earlier visit in the patient's chart.

        Args:    day: a date, or so many days before this visit. lines: code and units, allowed cents where not 4000,
                 modifiers where not GP, the clock times where there are any.
        """
        on = self.on - timedelta(days=day) if isinstance(day, int) else date.fromisoformat(str(day))
        self.history.append({"date_of_service": on, "lines": lines, **changes})
        return self

    def charge(self, *charges: tuple[str, int, list[str]], session: int = 0) -> "Scene":
        """What the clinic meant to bill."""
        self.sessions[session]["charges"] = [{"code": c, "units": u, "modifiers": m} for c, u, m in charges]
        return self

    def intervals(self, *intervals: dict[str, Any]) -> "Scene":
        """Replace the first session's intervals."""
        self.first["intervals"] = list(intervals)
        return self

    def _recorded(self, case: str) -> list[Known[SessionRecorded]]:
        made = []
        for session in self.sessions:
            opened = {
                "patient_id": self.patient_id,
                "payer_id": self.payer,
                "discipline": self.discipline,
                "date_of_service": self.on.isoformat(),
                **{key: value for key, value in session["opened"].items() if value is not None},
            }
            data = {
                **{k: v for k, v in session.items() if k != "opened" and v is not None},
                "opened": opened,
                "session_key": f"session/o/north/{session['session_id']}",
                "org": self.org,
                "revision": 1,
                "case_id": case,
                "claim_id": claim_id(case),
                "latest_fact_at": max((s["signed_at"] for s in session["signatures"]), default=self.at(0, 16)),
                "basis": ["f"],
                **({"latest_fact_at": session["latest_fact_at"]} if "latest_fact_at" in session else {}),
            }
            event = SessionRecorded.model_validate_json(_json(data))
            made.append(known(event, event.session_key, at=event.latest_fact_at))
        return made

    def _history(self) -> tuple[Known[VisitCharted], ...]:
        made = [*(_charted(self, row) for row in self.history), *self.same_day]
        return tuple(sorted(made, key=lambda known: (known.event.date_of_service, known.event.case_id)))

    def chosen_policy(self) -> PayerPolicy | None:
        """The payer's policy for the case."""
        if self.policy != "shipped":
            assert not isinstance(self.policy, str)
            return self.policy
        profile = shipped(RULES).get(self.payer)
        return extend(profile, self.settings) if profile is not None and self.settings else profile

    def case(self) -> Case:
        """The whole case."""
        case = case_id(self.org, self.patient_id, self.discipline, self.payer, self.on)
        sessions, policy = self._recorded(case), self.chosen_policy()
        day = DayOfWork(
            policy=policy,
            discipline=self.discipline,
            date_of_service=self.on,
            intervals=tuple(_worked(s.event.session_key, i) for s in sessions for i in s.event.intervals),
            elsewhere=self.elsewhere,
        )
        units = UnitsCalculated(
            case_id=case,
            claim_id=claim_id(case),
            org=self.org,
            patient_id=self.patient_id,
            payer_id=self.payer,
            discipline=self.discipline,  # type: ignore[arg-type]  # a test may ask for any
            date_of_service=self.on,
            sessions=tuple(s.id for s in sessions),
            result=calculate(day, RULES),
            ruleset=RULES.id,
            ruleset_hash=RULES.hash,
            basis=tuple(s.id for s in sessions),
        )
        return Case(
            case_id=case,
            claim_id=claim_id(case),
            org=self.org,
            patient_id=self.patient_id,
            payer_id=self.payer,
            discipline=self.discipline,
            date_of_service=self.on,
            sessions=tuple(sessions),
            units=known(units, case),
            organization=_fact(OrganizationConfigured, self.organization, self.org),
            patient=_fact(PatientRegistered, self.patient, self.patient_id),
            coverages=tuple(
                _one(
                    CoverageVerified,
                    {"payer_id": self.payer, "member_id": "M-77", "from": "2025-01-01", **row},
                    self.patient_id,
                    at=self.verified_at,
                )
                for row in self.coverages
            ),
            plans=tuple(_one(PlanCertified, {**self.plan_data(), **row}, name) for name, row in self.plans),
            progress=tuple(
                _one(ProgressReported, {"by_npi": PT, "measures": [], **row}, n, row["reported_on"])
                for n, row in self.progress
            ),
            clinicians=tuple(
                _one(
                    ClinicianCredentialed,
                    {
                        "name": "Kim Roe",
                        "role": "PT",
                        "license_number": "PT-1",
                        "payers": [{"payer_id": self.payer, "from": "2020-01-01"}],
                        **row,
                    },
                    npi,
                )
                for npi, row in self.clinicians.items()
            ),
            policy=policy,
            conflicts=self.conflicts,
            overrides=tuple(
                known(
                    FindingOverridden(
                        case_id=case,
                        rule=rule,
                        line=line,
                        by="biller",
                        reason="seen",
                        at=datetime(2026, 3, 3, tzinfo=UTC),
                    ),
                    case,
                    rule,
                    line,
                )
                for rule, line in self.overrides
            ),
            history=self._history(),
            chart_version=len(self.history),
            questions=tuple(_asked(ClaimQuestioned, case, number, at) for number, at in self.questions),
            answers=tuple(_asked(QuestionAnswered, case, number, self.questions[0][1]) for number in self.answers),
            remittances=tuple(_remittance(case, *row) for row in self.remittances),
        )

    def beside(
        self, *intervals: tuple[str, float | None, int], discipline: str = "SLP", payer: str = "medicare", by: str = PTA
    ) -> "Scene":
        """Another claim of the day, as the patient's chart has it: code, minutes past nine (None: no clock), length."""
        lines = []
        for code, start, minutes in intervals:
            begin = datetime.fromisoformat(self.at(start or 0)).timestamp()
            clocks = None if start is None else ((int(begin), int(begin) + minutes * 60),)
            units = max(1, (minutes + 7) // 15)
            lines.append(
                ChartedLine(code=code, minutes=minutes, units=units, modifiers=(), performers=(by,), clocks=clocks)
            )
        entry = VisitCharted(
            case_id=f"case-{len(self.same_day)}",
            claim_id="C-other",
            org=self.org,
            patient_id=self.patient_id,
            payer_id=payer,
            discipline=discipline,  # type: ignore[arg-type]  # a test may ask for any
            date_of_service=self.on,
            session_ids=("S-9",),
            lines=tuple(lines),
            ruleset="2026.1",
            ruleset_hash="",
            basis=(),
        )
        self.same_day.append(known(entry, entry.case_id))
        return self

    def codes(self) -> list[tuple[str, int, tuple[str, ...]]]:
        """Code, units and modifiers of the lines."""
        return [(line.code, line.units, line.modifiers) for line in self.assess().lines]

    def plan_data(self) -> dict[str, Any]:
        """The clean plan."""
        return {
            "patient_id": self.patient_id,
            "discipline": self.discipline,
            "diagnoses": ["R26.81", "G20.A1"],
            "goals": ["Berg 50 of 56 in 8 weeks"],
            "from": "2026-02-16",
            "to": "2026-04-30",
            "certified_on": "2026-02-20",
            "initial_evaluation_on": "2026-02-16",
        }

    def assess(self) -> ClaimAssessed:
        """The decision."""
        made = assess(self.case(), RULES)
        FOUND.extend(made.findings)
        return made

    def found(self) -> list[Finding]:
        """The findings."""
        return list(self.assess().findings)

    def short(self) -> list[tuple[str, str]]:
        """The findings as (rule, severity)."""
        return [(finding.rule, finding.severity) for finding in self.found()]

    def of(self, rule: str) -> list[Finding]:
        """The findings of one rule."""
        return [finding for finding in self.found() if finding.rule == rule]


def _json(data: Any) -> str:
    import json

    return json.dumps(data)


def _one(kind: Any, data: dict[str, Any], subject: str, *what: object, at: datetime | None = None) -> Known[Any]:
    kept = {key: value for key, value in data.items() if value is not None}
    return known(kind.model_validate_json(_json(kept)), subject, kept.get("from"), *what, at=at)


def _charted(scene: Scene, row: dict[str, Any]) -> Known[VisitCharted]:
    """A visit in the chart; `note` are items as a session's, `case_id` tells visits of one day apart."""
    changes = dict(row)
    note, lines = changes.pop("note", {}), changes.pop("lines")
    number = str(changes["date_of_service"])
    data = {
        "case_id": number,
        "claim_id": f"C{number}",
        "org": scene.org,
        "patient_id": scene.patient_id,
        "payer_id": scene.payer,
        "discipline": scene.discipline,
        "session_ids": (number,),
        "under_threshold": scene.payer == "medicare",
        "treated": True,
        "ruleset": RULES.id,
        "ruleset_hash": RULES.hash,
        "basis": (),
        "lines": tuple(_charted_line(*line) for line in lines),
        "notes": (
            ChartedNote(
                session_id=number,
                exercises=digest(note.get("exercises")),
                guidance=digest(note.get("skilled_guidance")),
                sketch=sketch(
                    note.get(name)
                    for name in (
                        "exercises",
                        "skilled_guidance",
                        "patient_response",
                        "functional_change",
                        "progress_toward_goals",
                    )
                ),
            ),
        ),
        **changes,
    }
    return known(VisitCharted(**data), "chart", data["case_id"])


def _charted_line(
    code: str,
    units: int = 1,
    allowed: int | None = 4000,
    modifiers: tuple[str, ...] = ("GP",),
    clocks: Clocks | None = None,
) -> ChartedLine:
    return ChartedLine(
        code=code,
        minutes=units * 15,
        units=units,
        modifiers=modifiers,
        performers=(PT,),
        clocks=clocks,
        allowed_cents=allowed,
    )


def _asked(kind: Any, case: str, number: int, at: datetime) -> Known[Any]:
    event = kind(case_id=case, question_id=f"Q{number}", by="A. Biller", text="zebra", at=at)
    return known(event, case, number)


def _remittance(case: str, outcome: str, at: datetime) -> Known[RemittanceReceived]:
    data = {"remittance_id": "R", "outcome": outcome, "paid_cents": 0, "adjustments": [], "received_on": "2026-03-20"}
    return _one(RemittanceReceived, data, claim_id(case), outcome, at.isoformat(), at=at)


def _fact(kind: Any, data: dict[str, Any] | None, subject: str) -> Known[Any] | None:
    return None if data is None else _one(kind, data, subject)


def _worked(session_key: str, interval: Interval) -> WorkedInterval:
    return WorkedInterval(
        interval_id=interval.interval_id,
        session_id=session_key,
        code=interval.code,
        start=interval.start,
        end=interval.end,
        minutes=interval.minutes,
        performer_id=interval.performer.id,
        role=interval.performer.role,
        contact=interval.contact,
        activity=interval.activity,
        technique=interval.technique,
        skilled=interval.skilled,
        supervisor_npi=interval.supervisor_npi,
    )
