"""Who treats what: conditions with diagnoses, codes and the reason for treatment; fees; payers' habits."""

from dataclasses import dataclass

TIMED = frozenset(("97110", "97112", "97116", "97140", "97530", "97535", "97035", "97129"))
"""Codes counted by the minute that the simulator uses."""

ACTIVE = frozenset(("97110", "97112", "97530"))
"""Codes under which a passive modality is wrong coding."""

FEES = {
    "97110": 3400, "97112": 3800, "97116": 3300, "97140": 3200, "97530": 4100, "97535": 3700, "97035": 1600,
    "97129": 2700, "97130": 2600, "97150": 2100, "97010": 700, "97014": 1500, "G0283": 1400,
    "92507": 8400, "92526": 9300,
    "97161": 10800, "97162": 10800, "97163": 10800, "97164": 7600, "97165": 10900, "97166": 10900, "97167": 10900,
    "97168": 7700, "98940": 3100, "98941": 4400,
    "97022": 1700, "97124": 3000, "98975": 2000, "98977": 4700, "98981": 3900,
}  # fmt: skip
"""An organization's charge for one unit [cents]; invented."""

MONITORING = ("98975", "98977")
"""Set-up and device of remote monitoring."""
EVALUATIONS = {"PT": ("97161", "97162", "97163"), "OT": ("97165", "97166", "97167")}
RE_EVALUATION = {"PT": "97164", "OT": "97168"}
BESIDE_RE_EVALUATION = frozenset(("97110", "97112", "97116", "97140"))
"""Codes with no live pair edit against a re-evaluation."""
THERAPIST = {"PT": "PT", "OT": "OT", "SLP": "SLP", "CHIRO": "DC"}
ASSISTANT = {"PT": "PTA", "OT": "OTA"}
CREDENTIALS = {
    "PT": "PT, DPT",
    "OT": "OTR/L",
    "SLP": "MS, CCC-SLP",
    "DC": "DC",
    "PTA": "PTA",
    "OTA": "COTA/L",
}
MODIFIER = {"PT": "GP", "OT": "GO", "SLP": "GN"}
ASSISTANT_MODIFIER = {"PT": "CQ", "OT": "CO"}
BY_TELEHEALTH = frozenset(("97110", "97112", "97116", "97530", "97535", "92507", "92526", "97129"))
"""Codes that clinics furnish by telehealth; all are on Medicare's list."""
TECHNIQUES = {
    "97112": ("balance", "postural", "pnf_hold_relax", "kinesthetic", "coordination", "desensitization"),
    "97116": ("gait",),
}


@dataclass(frozen=True, slots=True)
class Condition:
    """Why a patient comes: diagnoses (first = primary), the codes used, the deficit and what it keeps them from."""

    discipline: str
    diagnoses: tuple[str, ...]
    codes: tuple[str, ...]
    deficit: str
    function: str

    @property
    def neuromuscular(self) -> bool:
        """Is the retraining of balance and movement its first code."""
        return self.codes[0] == "97112"

    def treats_with(self, code: str) -> bool:
        """Is that one of its codes; the retraining, its first."""
        return self.neuromuscular if code == "97112" else code in self.codes


_NEURO = ("97112", "97110", "97116", "97530")
_HAND = ("97112", "97530", "97535", "97110")
_JOINT = ("97110", "97140", "97530", "97116")
_SPINE = ("97110", "97140", "97530")
_SELF_CARE = ("97110", "97535", "97530", "97140")

CONDITIONS = (
    Condition("PT", ("I69.351", "R26.81"), _NEURO, "right-sided weakness after stroke", "stair climbing at home"),
    Condition("PT", ("I69.354",), _NEURO, "left-sided weakness after stroke", "safe walking in the street"),
    Condition("PT", ("R26.81", "Z91.81"), _NEURO, "unsteady gait with two falls", "carrying laundry across the yard"),
    Condition("PT", ("H81.11",), ("97112", "97116", "97530"), "positional vertigo", "turning in bed and driving"),
    Condition("PT", ("G21.4", "R26.89"), _NEURO, "vascular parkinsonism with freezing", "passing doorways"),
    Condition("PT", ("R27.0",), _NEURO, "ataxia of trunk and legs", "standing at the kitchen counter"),
    Condition("PT", ("M17.11",), (*_JOINT, "97035"), "knee stiffness and weak quadriceps", "rising from a low chair"),
    Condition("PT", ("M54.50",), _SPINE, "loss of lumbar flexion and trunk endurance", "lifting boxes at work"),
    Condition("PT", ("M75.121",), (*_SPINE, "97035"), "rotator cuff weakness", "reaching the upper shelf"),
    Condition("PT", ("Z47.1", "Z96.651", "R26.89"), _JOINT, "limited knee motion after replacement", "climbing stairs"),
    Condition("OT", ("I69.351",), _HAND, "loss of fine motor control after stroke", "buttoning and writing"),
    Condition("OT", ("G56.01",), _HAND, "median nerve weakness with numb fingers", "handling small tools"),
    Condition("OT", ("R27.8",), _HAND, "poor coordination of both hands", "preparing a meal"),
    Condition("OT", ("S52.501D",), _SELF_CARE, "stiff wrist after fracture", "dressing and opening jars"),
    Condition("OT", ("M18.11",), _SELF_CARE, "painful thumb with weak pinch", "turning keys and taps"),
    Condition("SLP", ("I69.320",), ("92507",), "non-fluent aphasia after stroke", "asking for help by telephone"),
    Condition("SLP", ("R47.1",), ("92507",), "slurred speech with short breath groups", "being understood at work"),
    Condition("SLP", ("R13.12", "R47.1"), ("92526", "92507"), "delayed swallow with coughing", "eating a full meal"),
    Condition("SLP", ("R41.841",), ("97129",), "loss of attention and planning", "managing medicines alone"),
    Condition("CHIRO", ("M99.03", "M54.50"), ("98940", "97110"), "restricted lumbar motion", "sitting through a shift"),
    Condition(
        "CHIRO", ("M99.01", "M54.2"), ("98941", "97110"), "restricted neck rotation", "looking back while driving"
    ),
)
BY_DISCIPLINE = {
    name: tuple(condition for condition in CONDITIONS if condition.discipline == name) for name in THERAPIST
}
RETRAINING = {
    name: tuple(condition for condition in BY_DISCIPLINE[name] if condition.neuromuscular) for name in ("PT", "OT")
}
KNEE = CONDITIONS[6]
"""A condition that does not support the retraining code."""


def strange_evaluation(discipline: str) -> str:
    """An evaluation code that belongs to the other of `PT` and `OT`."""
    return EVALUATIONS["OT" if discipline == "PT" else "PT"][0]
