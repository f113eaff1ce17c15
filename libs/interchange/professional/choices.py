"""What a claim has to choose: every choice is named, none is filled in for the caller."""

from enum import StrEnum


class Sex(StrEnum):
    """Of the subscriber (DMG03, box 3)."""

    FEMALE = "F"
    MALE = "M"
    UNKNOWN = "U"


class Frequency(StrEnum):
    """What the claim is to an earlier one (CLM05-3, box 22)."""

    ORIGINAL = "1"
    REPLACEMENT = "7"
    VOID = "8"


class Assignment(StrEnum):
    """Whether the provider takes the payer's amount as full pay (CLM07, box 27)."""

    ACCEPTED = "A"
    LABORATORY_ONLY = "B"
    NOT_ACCEPTED = "C"


class BenefitsAssigned(StrEnum):
    """Whether the patient lets the payer pay the provider (CLM08, box 13)."""

    YES = "Y"
    NO = "N"
    NOT_APPLICABLE = "W"


class Release(StrEnum):
    """On what ground the record may be released to the payer (CLM09, box 12)."""

    SIGNED = "Y"
    INFORMED_CONSENT = "I"


class RelatedCause(StrEnum):
    """What the condition comes from (CLM11, box 10)."""

    AUTO_ACCIDENT = "AA"
    EMPLOYMENT = "EM"
    OTHER_ACCIDENT = "OA"


class TaxIdKind(StrEnum):
    """Whose number the tax id is (2010AA REF01, box 25)."""

    EMPLOYER = "EI"
    SOCIAL_SECURITY = "SY"


class PayerIdKind(StrEnum):
    """Which list the payer's id is from (2010BB NM108)."""

    PAYER = "PI"
    PLAN = "XV"


class Coverage(StrEnum):
    """What kind of plan pays (SBR09, box 1)."""

    MEDICARE_PART_B = "MB"
    MEDICARE_ADVANTAGE = "16"
    MEDICAID = "MC"
    TRICARE = "CH"
    VETERANS = "VA"
    FEDERAL_EMPLOYEES = "FI"
    BLUE_CROSS = "BL"
    COMMERCIAL = "CI"
    PPO = "12"
    POS = "13"
    EPO = "14"
    INDEMNITY = "15"
    HMO = "HM"
    AUTO = "AM"
    WORKERS_COMPENSATION = "WC"
    LIABILITY = "LM"
    OTHER_FEDERAL = "OF"
    DISABILITY = "DS"
    MUTUALLY_DEFINED = "ZZ"


class Transmission(StrEnum):
    """How an attachment reaches the payer (PWK02)."""

    ON_REQUEST = "AA"
    BY_MAIL = "BM"
    ELECTRONICALLY = "EL"
    BY_EMAIL = "EM"
    BY_FILE_TRANSFER = "FT"
    BY_FAX = "FX"


class NoteKind(StrEnum):
    """What a note of the claim is about (NTE01)."""

    ADDITIONAL = "ADD"
    CERTIFICATION = "CER"
    GOALS = "DCP"
    DIAGNOSIS = "DGN"
    THIRD_PARTY = "TPO"
