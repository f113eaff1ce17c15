"""The mistakes that can be planted, one a visit, and the finding that each must lead to.

Ids are those of the mistakes and the documentation checklist; a suffix after `/` tells two
ways to the same fault apart. `rule` is the id that is raised (one fault, one finding), so a mistake may lead to
another id than its own, e.g. missing clock times (TIM-002) to DOC-002.
"""

from dataclasses import dataclass
from typing import Literal

Severity = Literal["deny", "reject", "delay", "advice"]


@dataclass(frozen=True, slots=True)
class Needs:
    """What a visit must be for a mistake to be plantable in it."""

    code: str | None = None
    """97112: as the first code of the patient's; any other: among them."""
    timed: bool = False
    """PT or OT with at least two timed codes."""
    payer: Literal["medicare", "clock-times", "authorizing"] | None = None
    assistant: bool = False
    """A therapist and an assistant, one after the other."""
    charges: bool = False
    twice: bool = False
    """Two sessions on one day."""
    own_patient: bool = False
    """A reference fact is wrong, so the patient comes for this one visit only."""
    past: int = 0
    """So many earlier visits of a patient of its own come with it, sent late."""
    age: int = 0
    """The visit of a patient of its own is so old when its record comes in whole [days]."""

    @property
    def late(self) -> bool:
        """Is it a record that comes in late, kept by a therapist who sees nobody else."""
        return bool(self.past or self.age)


@dataclass(frozen=True, slots=True)
class Mistake:
    """One plantable mistake."""

    id: str
    rule: str
    severity: Severity
    what: str
    needs: Needs

    @property
    def blocks(self) -> bool:
        """Does the finding hold the claim."""
        return self.severity != "advice"


_NOTE = Needs()
_TIMED = Needs(timed=True)
_RETRAINING = Needs(code="97112", timed=True)
_MANUAL = Needs(code="97140", timed=True)
_CHARGES = Needs(timed=True, charges=True)
_FACTS = Needs(own_patient=True)

MISTAKES: dict[str, Mistake] = {
    mistake.id: mistake
    for mistake in (
        Mistake("DOC-001", "DOC-001", "reject", "date of service is tomorrow, seen from every clock time", _NOTE),
        Mistake("DOC-002", "DOC-002", "deny", "one interval has minutes, no clock times",
                Needs(timed=True, payer="clock-times")),
        Mistake("DOC-003", "DOC-003", "deny", "charges: a unit moved from one code to another", _CHARGES),
        Mistake("DOC-004", "DOC-004", "deny", "note: exercises missing or empty", _NOTE),
        Mistake("DOC-005", "DOC-005", "deny", "note: skilled_guidance missing or empty", _TIMED),
        Mistake("DOC-006", "DOC-006", "deny", "note: patient_response missing or empty", _NOTE),
        Mistake("DOC-007", "DOC-007", "deny", "note: no objective_measures and no functional_change with 97112",
                _RETRAINING),
        Mistake("DOC-008", "DOC-008", "advice", "note: safety_precautions missing or empty with 97112", _RETRAINING),
        Mistake("DOC-009", "DOC-009", "advice", "note: equipment missing or empty with 97112", _RETRAINING),
        Mistake("DOC-010", "MOD-003", "reject", "charges: another discipline's modifier", _CHARGES),
        Mistake("DOC-011", "DOC-011", "deny", "note: medical_necessity missing", _NOTE),
        Mistake("DOC-012", "DOC-012", "deny", "note: progress_toward_goals missing or empty", _NOTE),
        Mistake("DOC-012/report", "DOC-012", "deny", "no progress report on ten treatment days",
                Needs(own_patient=True, past=9)),
        Mistake("DOC-013", "DOC-013", "advice", "note: patient_education missing or empty", _NOTE),
        Mistake("DOC-014", "DOC-014", "deny", "an assistant's interval names no supervisor_npi",
                Needs(timed=True, assistant=True)),
        Mistake("DOC-015", "DOC-015", "deny", "a code that is not among the plan's interventions", _TIMED),
        Mistake("DOC-015/diagnosis", "DOC-015", "deny", "a diagnosis that the plan does not name", _NOTE),
        Mistake("DOC-016", "DOC-016", "deny", "note: vague exercises", _NOTE),
        Mistake("DOC-016/cloned", "DOC-016", "deny", "note: the whole note of the visit before",
                Needs(own_patient=True, past=1)),
        Mistake("DOC-017", "DOC-017", "deny", "plan: no goals", _FACTS),
        Mistake("TIM-001", "DOC-003", "deny", "charges: a unit more than the time allows", _CHARGES),
        Mistake("TIM-002", "DOC-002", "deny", "one code's intervals have minutes, no clock times",
                Needs(timed=True, payer="clock-times")),
        Mistake("TIM-003", "TIM-003", "deny", "one code's whole time is documentation or conversation", _TIMED),
        Mistake("TIM-004", "TIM-004", "deny", "two timed codes of the visit overlap", _TIMED),
        Mistake("TIM-004/patients", "TIM-004", "deny", "a clinician one-on-one with two patients; both visits", _TIMED),
        Mistake("TIM-005", "TIM-005", "advice", "charges: two sessions of a day rounded apart",
                Needs(timed=True, twice=True, charges=True)),
        Mistake("GRP-001", "GRP-001", "reject", "97112 with contact group", _RETRAINING),
        Mistake("SKL-001", "SKL-001", "deny", "note: exercises and guidance of the two visits before",
                Needs(own_patient=True, past=2)),
        Mistake("SKL-002", "SKL-002", "deny", "one code's whole time is unattended", _TIMED),
        Mistake("SKL-003", "SKL-003", "deny", "97112's whole time is observed, or not skilled", _RETRAINING),
        Mistake("SIG-001", "SIG-001", "reject", "no credentials, no licence, too early, or another's signature", _NOTE),
        Mistake("COD-004", "COD-004", "deny", "97112's whole time is a passive modality", _RETRAINING),
        Mistake("MNC-001", "DOC-011", "deny", "note: medical_necessity is empty", _NOTE),
        Mistake("MOD-001", "MOD-003", "reject", "charges: the discipline modifier is missing", _CHARGES),
        Mistake("MOD-002", "MOD-002", "deny", "charges: AT on a therapy code", _CHARGES),
        Mistake("MOD-004", "MOD-004", "deny", "charges: no KX above the yearly threshold",
                Needs(timed=True, payer="medicare", charges=True, own_patient=True)),
        Mistake("MOD-004/below", "MOD-004", "advice", "charges: KX below the yearly threshold",
                Needs(timed=True, payer="medicare", charges=True)),
        Mistake("MOD-005", "MOD-005", "deny", "charges: the assistant modifier is missing",
                Needs(timed=True, payer="medicare", assistant=True, charges=True)),
        Mistake("MOD-006", "MOD-006", "reject", "charges: the other discipline's assistant modifier, no assistant",
                _CHARGES),
        Mistake("MOD-007", "MOD-007", "deny", "charges: 59 without a pair edit",
                Needs(code="97112", timed=True, charges=True)),
        Mistake("MOD-008", "MOD-008", "reject", "an evaluation of the other discipline",
                Needs(timed=True, own_patient=True)),
        Mistake("MOD-008/assistant", "MOD-008", "reject", "an evaluation by an assistant",
                Needs(timed=True, assistant=True)),
        Mistake("PAT-001", "PAT-001", "reject", "patient not registered, or under another member id", _FACTS),
        Mistake("ELG-001", "ELG-001", "reject", "no coverage on the date of service", _FACTS),
        Mistake("ELG-001/payer", "ELG-001", "reject", "a payer that nobody published", _FACTS),
        Mistake("COV-001", "COV-001", "deny", "coverage: covered_codes lacks a code of the visit",
                Needs(timed=True, own_patient=True)),
        Mistake("COV-001/aide", "COV-001", "deny", "an aide furnishes one code", _TIMED),
        Mistake("CRD-001", "CRD-001", "deny", "a clinician who is not credentialed with the payer", _NOTE),
        Mistake("POC-001", "POC-002", "deny", "plan: lapsed before the visit", _FACTS),
        Mistake("POC-002", "POC-002", "deny", "plan: none, or never certified in 30 days", _FACTS),
        Mistake("DXM-001", "DXM-001", "deny", "Medicare, 97112 for a diagnosis outside the groups",
                Needs(code="97112", timed=True, payer="medicare", own_patient=True)),
        Mistake("AUT-001", "AUT-001", "deny", "no authorization where the payer asks for one",
                Needs(payer="authorizing", own_patient=True)),
        Mistake("AUT-002", "AUT-002", "deny", "an authorization of another number, or one that has ended",
                Needs(payer="authorizing", own_patient=True)),
        Mistake("AUT-002/visits", "AUT-002", "deny", "the third visit under an authorization of two",
                Needs(payer="authorizing", own_patient=True, past=2)),
        Mistake("CRT-001", "CRT-001", "deny", "plan: certified by a chiropractor", Needs(timed=True, own_patient=True)),
        Mistake("DUP-001", "DUP-001", "reject", "the session sent again under another id", _TIMED),
        Mistake("DUP-001/payer", "DUP-001", "reject", "the session sent again to another payer; both visits", _TIMED),
        Mistake("ELG-002", "ELG-002", "deny", "coverage: another benefit has the patient", _FACTS),
        Mistake("ETH-001", "ETH-001", "deny", "after a denial: minutes raised and not signed, or a strange diagnosis",
                Needs(timed=True, own_patient=True, age=25)),
        Mistake("RTM-001", "RTM-001", "deny", "a code of remote monitoring twice in its period",
                Needs(timed=True, own_patient=True, past=1)),
        Mistake("TFL-001", "TFL-001", "deny", "signed more than a year after the visit",
                Needs(own_patient=True, age=400)),
        Mistake("NCC-001", "NCC-001", "advice", "massage beside manual therapy, never paid together", _MANUAL),
        Mistake("NCC-002", "NCC-002", "advice", "whirlpool at the same time as 97112", _RETRAINING),
        Mistake("MUE-001", "MUE-001", "deny", "more units of 97112 than the payer takes a day",
                Needs(code="97112", timed=True, payer="authorizing")),
        Mistake("AOC-001", "AOC-001", "deny", "a month's further monitoring without the first 20 minutes", _TIMED),
        Mistake("TEL-001", "TEL-001", "deny", "telehealth at the office's place of service", _TIMED),
        Mistake("TEL-001/code", "TEL-001", "deny", "Medicare, manual therapy by telehealth",
                Needs(code="97140", timed=True, payer="medicare")),
        Mistake("ABN-001", "ABN-001", "deny", "charges: GA without a notice on the record",
                Needs(timed=True, payer="medicare", charges=True)),
        Mistake("ABN-001/late", "ABN-001", "deny", "an advance notice signed after the visit",
                Needs(timed=True, payer="medicare")),
        Mistake("COV-001/discipline", "COV-001", "deny", "one code by a therapist of the other discipline", _TIMED),
        Mistake("COM-001", "COM-001", "delay", "the note sent again under the same id with other content", _NOTE),
    )
}  # fmt: skip
