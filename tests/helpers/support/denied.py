"""A denied visit, whole: what the record shows of it, and what a letter may be made of. No log, no services."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any, Self

from support.scene import PT, RULES, Scene, known
from therapy_domain.appeals.composing import Wish
from therapy_domain.appeals.record import Dispute, Filed, Record, Reference, Visit
from therapy_domain.claims.assess import assess
from therapy_domain.claims.case import Known
from therapy_domain.events.appeal import AppealOpened, CorrectionRequested, DeniedService, RemedyProposed
from therapy_domain.events.claim import Adjustment, ClaimAdjudicated, ClaimAssessed
from therapy_domain.events.session import SessionRecorded
from therapy_domain.rulesets import Ruleset

RECEIVED = date(2026, 4, 11)
RECORDED = datetime(2026, 3, 3, 12, tzinfo=UTC)
LEVELS = {1: "redetermination", 2: "reconsideration", 3: "hearing", 4: "council review", 5: "judicial review"}
"""Medicare's."""


class Denied(Scene):
    """A clean visit of two services, both denied as not necessary; change it, then `dispute()`."""

    program: Any = "medicare-part-b"
    filed: Filed | None = None
    disputed: tuple[str, ...] | None = None
    """The codes; None: every one of the claim."""
    assessed: dict[str, Any] | None = None
    """What is otherwise in the claim that was answered."""
    counted: dict[str, Any] | None = None
    """What is otherwise in the count of units."""
    rules: Ruleset = RULES
    recorded: dict[str, datetime] | None = None
    """When events came on record, by type; where not named: RECORDED."""

    def __init__(self, **changes: Any) -> None:
        self.adjustments = [Adjustment(group="CO", carc="50", amount_cents=16_000)]
        self.said: dict[str, Any] = {}
        self.others: list[tuple[Scene, date, int, str]] = []
        super().__init__(**changes)

    def change(self, **changes: Any) -> Self:
        """Set attributes."""
        for name, value in changes.items():
            assert hasattr(self, name), name
            setattr(self, name, value)
        return self

    def by(self, *reasons: str, amount: int = 16_000, line: int | None = None) -> Self:
        """Denied for these reasons: group, code and remarks, such as CO-50 M127."""
        self.adjustments = []
        for reason in reasons:
            code, *rarcs = reason.split()
            group, _, carc = code.partition("-")
            made = {"group": group, "carc": carc, "rarcs": tuple(rarcs), "amount_cents": amount, "line": line}
            self.adjustments.append(Adjustment.model_validate(made))
        return self

    def plan(self, **changes: Any) -> Self:
        """The plan of care, changed."""
        self.plans[0][1].update(changes)
        return self

    def covered(self, **changes: Any) -> Self:
        """The coverage, changed."""
        self.coverages[0].update(changes)
        return self

    def opened(self, **changes: Any) -> Self:
        """The head of the first session, changed."""
        self.first["opened"].update(changes)
        return self

    def signed(self, *signatures: dict[str, Any]) -> Self:
        """Other signatures of the first session, each a change of the clean one."""
        clean = self.first["signatures"][0]
        made = [{**clean, **each} for each in signatures]
        self.first["signatures"] = [{key: value for key, value in each.items() if value is not None} for each in made]
        return self

    def answered(self, **changes: Any) -> Self:
        """The payer's answer, changed."""
        self.said.update(changes)
        return self

    def other(
        self,
        days_before: int,
        *intervals: dict[str, Any],
        payer: str = "medicare",
        units: int = 2,
        measures: Any = (),
        hour: int = 11,
        **session: Any,
    ) -> Self:
        """Another visit of the patient, of its own session."""
        scene = Scene(on=self.on - timedelta(days=days_before))
        made = [{**each, "start": scene.at(0, hour), "end": scene.at(15, hour)} for each in intervals]
        scene.first.update(session_id=f"O-{len(self.others) + 1}", **session)
        scene.first["note"]["objective_measures"] = list(measures)
        if made:
            scene.intervals(*made)
        self.others.append((scene, scene.on, units, payer))
        return self

    def visits(self) -> Iterator[Visit]:
        """The other visits as the record has them."""
        for scene, day, units, payer in self.others:
            sessions = tuple((each.id, each.event) for each in scene.case().sessions)
            yield Visit(day, sessions, payer, units)

    def dispute(self) -> Dispute:
        """What is disputed, with its record."""
        case, others = self.case(), tuple(self.visits())
        if self.counted is not None:
            units = case.units.event
            result = units.result.model_copy(update=self.counted)
            case = replace(case, units=replace(case.units, event=units.model_copy(update={"result": result})))
        assessed = assess(case, RULES).model_copy(update=self.assessed or {})
        answer = self._answer(assessed)
        claim = [known(assessed, case.case_id), known(answer, case.case_id)]
        facts = (*case.plans, *case.progress, *case.coverages, *case.clinicians)
        every = [(each.id, _named(each)) for each in (*facts, *case.sessions, case.units, *claim)]
        every += [(event, f"SessionRecorded {said.session_id}") for each in others for event, said in each.sessions]
        if self.filed is not None:
            every.append((self.filed.event_id, "AppealFiled"))
        record = Record(
            case=case,
            assessed_id=claim[0].id,
            assessed=assessed,
            adjudicated_id=claim[1].id,
            adjudicated=answer,
            others=others,
            filed=self.filed,
            references={event_id: self._reference(event_id, what, at) for at, (event_id, what) in enumerate(every, 1)},
            rules=self.rules,
        )
        return Dispute(self.program, tuple(self._services(assessed)), tuple(self.adjustments), record)

    def _reference(self, event_id: str, what: str, position: int) -> Reference:
        at = (self.recorded or {}).get(what.partition(" ")[0], RECORDED)
        return Reference(event_id, what, position, f"{position:064x}", at, at)

    def _services(self, assessed: ClaimAssessed) -> Iterator[DeniedService]:
        for line in assessed.lines:
            if self.disputed is None or line.code in self.disputed:
                yield DeniedService(
                    line=line.line,
                    code=line.code,
                    units=line.units,
                    modifiers=line.modifiers,
                    charge_cents=line.charge_cents,
                    denied_cents=line.charge_cents,
                )

    def _answer(self, assessed: ClaimAssessed) -> ClaimAdjudicated:
        said = {
            **{name: getattr(assessed, name) for name in ("case_id", "claim_id", "org", "payer_id", "discipline")},
            "date_of_service": assessed.date_of_service,
            "remittance_id": "R-1",
            "outcome": "denied",
            "paid_cents": 0,
            "adjustments": tuple(self.adjustments),
            "received_on": RECEIVED,
            "at": datetime(2026, 4, 11, 12, tzinfo=UTC),
            "ruleset": RULES.id,
            "ruleset_hash": RULES.hash,
            "basis": (),
            **self.said,
        }
        return ClaimAdjudicated.model_validate(said)

    def _item(self, dispute: Dispute, kind: str, changes: dict[str, Any]) -> dict[str, Any]:
        claim = dispute.record.assessed.claim_id
        return {
            "item_id": f"{claim}-{kind}1",
            "case_id": dispute.record.case.case_id,
            "claim_id": claim,
            "org": self.org,
            "payer_id": self.payer,
            "remittance_id": "R-1",
            "amount_cents": sum(each.amount_cents for each in self.adjustments),
            "reasons": tuple(f"{each.group}-{each.carc}" for each in self.adjustments),
            "services": dispute.services,
            "source": "42 CFR 405.942",
            "at": datetime(2026, 4, 11, 12, tzinfo=UTC),
            "ruleset": RULES.id,
            "ruleset_hash": RULES.hash,
            "basis": (),
            **changes,
        }

    def appeal(self, dispute: Dispute, **changes: Any) -> AppealOpened:
        """An appeal of it."""
        number = changes.get("level", 1)
        said = self._item(dispute, "A", changes)
        said["appeal_id"] = said.pop("item_id")
        del said["remittance_id"]
        name = LEVELS[number] if self.program == "medicare-part-b" else "internal appeal"
        first = {"against": "denial", "level": 1, "level_name": name, "received_on": RECEIVED, "denial": "d"}
        return AppealOpened.model_validate(
            {"program": self.program, "file_by": RECEIVED + timedelta(days=120), **first, **said}
        )

    def correction(self, dispute: Dispute, **changes: Any) -> CorrectionRequested:
        """A corrected claim is asked for."""
        return CorrectionRequested.model_validate(self._item(dispute, "W", changes))

    def proposal(self, dispute: Dispute, **changes: Any) -> RemedyProposed:
        """A reopening, or what else a person decides on."""
        return RemedyProposed.model_validate({"remedy": "reopening", **self._item(dispute, "W", changes)})


def filed(on: date = date(2026, 5, 4), **changes: Any) -> Filed:
    """A request that the reviewer has."""
    said: dict[str, Any] = {
        "event_id": "filed",
        "filed_on": on,
        "how": "portal",
        "proof": "4711",
        "last_day": date(2026, 8, 9),
        "decision_due": date(2026, 7, 3),
        **changes,
    }
    return Filed(**said)


def wish(purpose: Any = "appeal", dated: date = date(2026, 5, 4), **more: Any) -> Wish:
    """What is to be written."""
    return Wish(purpose, dated, **{"signer": "A. Biller", **more})


def _named(each: Known[Any]) -> str:
    """An event in words; what is of the case itself needs no subject."""
    of = each.event.session_id if isinstance(each.event, SessionRecorded) else each.subject
    return (
        type(each.event).__name__
        if hasattr(each.event, "case_id") and of == each.subject
        else f"{type(each.event).__name__} {of}"
    )


__all__ = ["PT", "RECEIVED", "RECORDED", "Denied", "filed", "wish"]
