"""What a rule's reader wants beside the registry: its family's name, a case that passes and one that fails."""

from typing import NamedTuple

FAMILIES = {
    "ABN": "Advance notices",
    "AOC": "Add-on codes",
    "AUT": "Authorization",
    "COD": "Right code",
    "COM": "Open between people",
    "COV": "Coverage",
    "CRD": "Credentials of clinicians",
    "CRT": "Who certifies",
    "DOC": "Documentation",
    "DUP": "Duplicates",
    "DXM": "Diagnoses",
    "ELG": "Eligibility",
    "ETH": "Honest corrections",
    "GRP": "Groups",
    "MNC": "Medical necessity",
    "MOD": "Modifiers",
    "MUE": "Units a day",
    "NCC": "Pair edits",
    "PAT": "The patient",
    "POC": "Plan of care",
    "REC": "Records kept",
    "RTM": "Remote monitoring",
    "SIG": "Signature",
    "SKL": "Skill",
    "TEL": "Telehealth",
    "TFL": "Timely filing",
    "TIM": "Time",
}


def family_name(family: str) -> str:
    """A family in words; its letters where it has none."""
    return FAMILIES.get(family, family)


class Example(NamedTuple):
    """A case that the rule lets pass, and one in which it speaks."""

    passes: str
    fails: str


EXAMPLES = {
    "ABN-001": Example("an advance notice signed on the day: GA", "GA charged and no notice on the record"),
    "AOC-001": Example("97129 and 97130", "98981 with no 98980, or 97130 charged alone"),
    "AUT-001": Example("the coverage holds authorization A-7", "the payer asks for one, the coverage holds none"),
    "AUT-002": Example("the tenth of ten visits", "the eleventh, or A-7 named where the coverage has A-8"),
    "COD-004": Example("ultrasound under 97035", "ultrasound recorded as passive_modality under 97112"),
    "COM-001": Example("an event sent twice, the same both times", "the same id with other minutes; an open question"),
    "COV-001": Example("97110 by a PT, covered by the plan", "97110 by an aide, or a code the coverage leaves out"),
    "CRD-001": Example("enrolled with the payer since 2020", "enrolled with another payer only"),
    "CRT-001": Example("certified by a physician", "certified by, or referred by, one registered as a chiropractor"),
    "DOC-001": Example("signed on 2026-03-02 for 2026-03-02", "date of service 2026-03-09, all facts of 2026-03-02"),
    "DOC-002": Example("97112 from 09:00 to 09:28", "97112, 28 minutes, no clock; or started and never stopped"),
    "DOC-003": Example("44 minutes, 3 units charged", "44 minutes, 4 units charged"),
    "DOC-004": Example("exercises: tandem stance on foam, 3 x 30 s", "no exercises in the note"),
    "DOC-005": Example("guidance: tactile cues for weight shift", "no guidance in the note"),
    "DOC-006": Example("response: fewer cues in the third set", "no response in the note"),
    "DOC-007": Example("97112 with a Berg score of 44, before 39", "97112, no measure and no change in function"),
    "DOC-008": Example("97116 with gait belt and contact guard", "97116, nothing on safety"),
    "DOC-009": Example("equipment: foam pad; or: none", "nothing on equipment"),
    "DOC-011": Example("falls on stairs after a stroke", "no reason in the note"),
    "DOC-012": Example("goal 1 met, a report on treatment day 10", "no progress in the note; no report by day 10"),
    "DOC-013": Example("home exercises shown back without fault", "nothing on education"),
    "DOC-014": Example("a PTA's interval with supervisor_npi", "a PTA's interval without it"),
    "DOC-015": Example("97112 and R26.81, both on the plan", "97140, which the plan's interventions leave out"),
    "DOC-016": Example("step-ups on a 15 cm step, 2 x 10, one rail", "worked on balance; last week's note again"),
    "DOC-017": Example("goal: stairs with one rail in 4 weeks", "a plan with no goal"),
    "DUP-001": Example("97112 at 09:00 and at 14:00", "the session from 09:00 to 09:28 twice, under two ids"),
    "DXM-001": Example("97112 with I69.351", "97112 with no diagnosis of the payer's list"),
    "DXM-002": Example("G20.A1 on 2026-03-02", "G20 on 2026-03-02, subdivided since 2023-10-01; or no diagnosis"),
    "ELG-001": Example("coverage from 2026-01-01, visit on 2026-03-02", "coverage ended on 2026-02-28"),
    "ELG-002": Example(
        "hospice from 2026-03-10, visit on 2026-03-09", "home health to 2026-03-02, the day of the visit"
    ),
    "ETH-001": Example(
        "after a denial: R26.81, which the plan names", "after a denial: 28 minutes made 45, not signed again"
    ),
    "GRP-001": Example("three patients at once under 97150", "three patients at once under 97112"),
    "MNC-001": Example("two sessions of 97112, both with I69.351", "two sessions of 97112, one with M17.11 alone"),
    "MOD-001": Example("a plan that says habilitative: 96", "the payer wants 96 or 97, and no plan says which"),
    "MOD-002": Example("97112 GP", "97112 GP 25"),
    "MOD-003": Example("97112 GP in a PT session", "97112 GO in a PT session, or no modifier"),
    "MOD-004": Example("KX from the line on that passes $2,480", "97112 GP at $2,600 of the year"),
    "MOD-005": Example("a PTA's unit charged GP CQ", "a PTA's unit charged GP to Medicare"),
    "MOD-006": Example("CQ with GP, a PTA treated", "CO with GP, or CO where no OTA treated"),
    "MOD-007": Example("97150 and 97110 59, apart in time", "97110 59 as the day's only code"),
    "MOD-008": Example("97161 by a PT", "97161 by a PTA, or in an OT session"),
    "MOD-009": Example("59 GP CQ KX", "five modifiers on one line"),
    "MUE-001": Example("97112, 4 units", "97112, 5 units in the quarter of a published limit of 4"),
    "NCC-001": Example("97140 and 97530", "97140 and 97124: never together"),
    "NCC-002": Example("97150 to 09:30, 97110 from 09:30: 59", "97012 and 97140 at the same time"),
    "PAT-001": Example("registered and covered under the same member number", "two member numbers that differ"),
    "POC-001": Example("renewed with new goals", "renewed with the same goals and no report between"),
    "POC-002": Example("certified on day 10 of treatment", "not certified 31 days after the first treatment"),
    "RTM-001": Example("98977 on 2026-03-02 and 2026-04-01", "98977 on 2026-03-02 and 2026-03-31; 98975 twice"),
    "SIG-001": Example("signed by the treating PT after the visit", "signed before the last interval ended"),
    "SKL-001": Example(
        "the third visit with a new dose or cue", "the third visit with the same exercises and guidance"
    ),
    "SKL-002": Example("30 minutes one-on-one charged", "10 of them unattended, and charged"),
    "SKL-003": Example("each minute needed the therapist", "10 minutes only observed, and charged"),
    "TEL-001": Example("97110 at place 10 on 2026-03-02", "97140 by telehealth for Medicare, or place 11"),
    "TFL-001": Example("Medicare: signed within a year", "a visit of 2025-02-03 whose last fact is of 2026-03-02"),
    "TIM-003": Example("5 minutes of setup, not charged", "5 minutes of writing, and charged"),
    "TIM-004": Example("97112 to 09:28, 97530 from 09:28", "97112 to 09:28, 97530 from 09:23"),
    "TIM-005": Example("8 and 8 minutes added: 1 unit of 16", "5 and 5 minutes, each rounded to 0"),
}
"""By rule id. A rule without one is shown by its title alone."""

BESIDE = {"TIM-001": "DOC-003"}
"""Ids that a rule names beside itself for some of its faults only."""


class Gap(NamedTuple):
    """A rule that is known and cannot be run yet."""

    title: str
    severity: str
    reason: str


GAPS = {
    "REC-001": Gap(
        "Copies of notes and claims are kept.",
        "delay",
        "never raised: the log keeps every fact and decision as it came",
    ),
}
"""By rule id, with the reason why it cannot be run. What the registry has by now is left out of every listing."""

PARTLY = {
    "AUT-002": (1, "for which codes an authorization is: no event tells it"),
    "CRT-001": (1, "the profession of one who is not registered here"),
    "DOC-012": (1, "whether the therapist treated at least once in the period of the report"),
    "DUP-001": (1, "what other organizations billed, and what was billed before the visits came to us"),
    "ETH-001": (1, "a change by another fact than an amendment, such as a late interval; modifiers are our own"),
    "MOD-004": (1, "what others use after the coverage was verified; the fee stands for what the payer allows"),
    "RTM-001": (1, "the days on which a device sent data, a month's minutes and its live contact: no event tells them"),
}
"""By rule id: the version that sees only a part, and what it leaves out. A later version is taken for whole."""


UNCHECKED = {
    "An assistant neither writes the plan nor decides on discharge": "no event tells who wrote a plan",
    "Supervision of assistants in private practice is direct before 2025-01-01": "no event tells its kind",
    "Caregiver training (97550 and its like) is given without the patient": "no event tells who was in the room",
    "97110 by SLPs and 97116 by OTs only where their scope of practice allows it": "states' scopes are no table here",
    "93 and FQ on visits by telephone alone": "no event tells sound from video",
    "CG where a payer asks for it": "no payer is known that asks therapists for it",
    "The discipline's modifier in position 1 or 2 for Medicare": "the payer's own order of modifiers decides",
    "An advance notice is not given routinely": "a single visit does not show a routine",
    "Add-on codes of CMS's file that the code table lacks": "the table has the base codes of all add-ons it knows",
}
"""What the sources ask beside the rules, in few words, with the reason why nothing here checks it."""
