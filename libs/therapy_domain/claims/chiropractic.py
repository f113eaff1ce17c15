"""Active chiropractic treatment: AT on manipulation of the spine."""

from collections.abc import Iterator

from therapy_domain.claims.notices import denial_expected
from therapy_domain.claims.tables import charge_modifiers
from therapy_domain.claims.visit import Visit


def marks(visit: Visit) -> Iterator[tuple[int, str, str]]:
    """AT on manipulation billed to Medicare, unless a notice expects its denial as maintenance: line, modifier, why.

    Never beside GA or GZ: since 2015-11-01 a line with both comes back.
    Source:  CMS Pub. 100-02, chapter 15, section 240.1.3; CMS Pub. 100-04, chapter 12, section 220.
    """
    if visit.policy is None or not visit.policy.medicare_like or visit.case.discipline != "CHIRO":
        return
    for code in charge_modifiers(visit.ruleset).only_on["AT"].intersection(visit.line_of):
        if not denial_expected(visit, code):
            for number in visit.lines.of(code):
                yield number, "AT", "AT: active treatment; no notice expects a denial as maintenance"
