"""What a simulated world is made of: how many clinics and days, and how often things go wrong."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from suite.simulator.catalogue import MISTAKES

_SHARE_OF_VISITS = 0.08
"""Share of visits that carry a planted mistake by default, all mistakes together."""

DEFAULT_RATES: Mapping[str, float] = {name: _SHARE_OF_VISITS / len(MISTAKES) for name in MISTAKES}
NO_MISTAKES: Mapping[str, float] = {}


def mistake_rates(text: str) -> Mapping[str, float]:
    """Rates from a command's text: `default`, `none`, or `DOC-006=0.05,TIM-004=0.01`.

    Raises:  ValueError: an unknown mistake, or a rate that is no share from 0 to 1.
    """
    if text in ("default", "none"):
        return DEFAULT_RATES if text == "default" else NO_MISTAKES
    rates = {}
    for part in text.split(","):
        name, _, rate = part.partition("=")
        rates[name.strip()] = float(rate or "nan")
    return rates


@dataclass(frozen=True, kw_only=True)
class Simulation:
    """The settings of one run; equal settings make equal bytes on every machine.

    Rates are shares from 0 to 1, of visits unless said.
    """

    clinics: int
    days: int
    """Opening days (Monday to Friday)."""
    seed: int
    start: date = date(2026, 3, 2)
    visits_per_clinic_day: int = 12
    organizations: int = 0
    """0: one for every four clinics."""
    first_organization: int = 0
    """Where organizations are numbered from: runs with other numbers meet in one store without knowing each other."""
    mistake_rates: Mapping[str, float] = field(default_factory=lambda: DEFAULT_RATES)
    """By mistake (`catalogue.MISTAKES`): the share of visits that carry it; at most one a visit."""
    late_rate: float = 0.03
    """Visits of which something arrives one to four opening days later."""
    duplicate_rate: float = 0.01
    """Events that arrive twice."""
    shuffle_window: int = 16
    """Events among which the order of delivery is mixed; 1 or less keeps the order of time."""
    amendment_rate: float = 0.03
    correction_rate: float = 0.01
    """Visits with an interval sent again under another event id."""
    void_rate: float = 0.005
    unsigned_rate: float = 0.01
    live_rate: float = 0.15
    """Visits whose intervals are streamed live, as started and stopped."""
    group_rate: float = 0.03
    twice_a_day_rate: float = 0.03
    telehealth_rate: float = 0.02
    """Visits that could be furnished by telehealth and are."""
    charges_rate: float = 0.5
    """Visits whose signature says what the clinic means to bill."""
    remittance_rate: float = 0.5
    """Correct single-session claims that the payer answers within the run."""
    remittance_days: tuple[int, int] = (4, 15)
    """Opening days between visit and answer, shortest and longest."""

    def __post_init__(self) -> None:
        if self.clinics < 1 or self.days < 0 or self.visits_per_clinic_day < 1 or self.first_organization < 0:
            raise ValueError("clinics and visits_per_clinic_day are at least 1, days and first_organization at least 0")
        shortest, longest = self.remittance_days
        if not 1 <= shortest <= longest:
            raise ValueError("remittance_days are two counts of days from 1, the shorter first")
        for name, rate in self._shares().items():
            if not 0.0 <= rate <= 1.0:
                raise ValueError(f"{name} is {rate}; a rate is a share from 0 to 1")
        unknown = sorted(set(self.mistake_rates) - set(MISTAKES))
        if unknown:
            raise ValueError(f"unknown mistakes {', '.join(unknown)}; known are {', '.join(MISTAKES)}")
        if sum(self.mistake_rates.values()) > 1.0:
            raise ValueError("the rates of all mistakes together are over 1")

    def _shares(self) -> dict[str, float]:
        own = {name: value for name, value in vars(self).items() if name.endswith("_rate")}
        return own | {f"rate of {name}": rate for name, rate in self.mistake_rates.items()}
