"""The phrases of letters: what each asks for, by purpose and level. Our own short words."""

from collections.abc import Iterator

from therapy_domain.appeals.record import Dispute
from therapy_domain.appeals.words import day_words, dollars, listed
from therapy_domain.events.appeal import AppealOpened, CorrectionRequested, RemedyProposed
from therapy_domain.rulesets.deadline_tables import Program

_NEW_EVIDENCE = {
    "last": "What the record holds is enclosed: later, new evidence needs good cause (42 CFR 405.966).",
    "good-cause": "No evidence is enclosed that was not there at the level below.",
}


def title(matter: AppealOpened | CorrectionRequested | RemedyProposed, purpose: str, program: Program) -> str:
    """What the letter is."""
    match matter:
        case AppealOpened() if purpose == "escalation":
            return f"Request for escalation of a {matter.level_name}"
        case AppealOpened() if purpose == "vacate":
            return f"Request to vacate the dismissal of a request for {matter.level_name}"
        case AppealOpened(against="dismissal"):
            return "Request for review of a dismissal"
        case AppealOpened():
            return f"{'Request for' if program == 'medicare-part-b' else 'Appeal:'} {matter.level_name}"
        case RemedyProposed():
            return "Request for reopening"
    return "Corrected claim"


def opening(matter: AppealOpened | CorrectionRequested | RemedyProposed, purpose: str, dispute: Dispute) -> str:
    """What is asked, in a sentence or two."""
    services = f"{listed(dispute.codes)} of {day_words(dispute.day)}" if dispute.codes else "the claim below"
    match matter:
        case AppealOpened() if purpose == "escalation":
            return (
                f"Our request for {matter.level_name} of {services} was not decided in time. "
                "We ask that it go on to the next level."
            )
        case AppealOpened() if purpose == "vacate":
            return f"Our request for {matter.level_name} of {services} was dismissed. We ask that this be vacated."
        case AppealOpened(against="dismissal"):
            return f"Our request about {services} was dismissed at the level below. We ask that you review that."
        case AppealOpened(against="decision"):
            return f"We do not agree with the decision below on {services}, and ask for a {matter.level_name}."
        case AppealOpened():
            return f"We do not agree with the denial of {services}, and ask for {_asked(matter, dispute)}."
        case RemedyProposed(ground="clerical-error"):
            return f"The denial of {services} rests on a clerical error. We ask that it be reopened and revised."
        case RemedyProposed():
            return (
                f"The denial of {services} was made without the record, which is enclosed. We ask that it be reopened, "
                "also where this is received as a request for redetermination."
            )
    return f"A corrected claim for {services} replaces the one below. This is what the record shows."


def _asked(matter: AppealOpened, dispute: Dispute) -> str:
    return f"a {matter.level_name}" if dispute.program == "medicare-part-b" else "a review"


def request(
    matter: AppealOpened | CorrectionRequested | RemedyProposed, purpose: str, dispute: Dispute, cause: str | None
) -> Iterator[str]:
    """What is to be done, and what a person states beside the record."""
    services = f"{listed(dispute.codes)} of {day_words(dispute.day)}" if dispute.codes else "the services"
    if cause:
        yield f"Good cause: {cause}"
    match matter:
        case AppealOpened() if purpose == "escalation":
            yield "Please send the appeal on, or decide it within five days of this request."
        case AppealOpened() if purpose == "vacate":
            yield "Please vacate the dismissal and decide the request."
        case AppealOpened(against="dismissal"):
            yield "Please vacate the dismissal and send the request back to be decided."
        case AppealOpened():
            yield f"Please allow {services} as billed; {dollars(matter.amount_cents)} are in dispute."
            if matter.new_evidence in _NEW_EVIDENCE and not cause:
                yield _NEW_EVIDENCE[matter.new_evidence]
        case RemedyProposed():
            yield f"Please reopen and revise the determination, and allow {services} as billed."
        case CorrectionRequested():
            yield "Please process the corrected claim in place of the one above."
