"""What stands between the clinic and the payer: coverage, authorization, enrollment, and when the payer had what."""

from datetime import date

from therapy_domain.appeals import deadlines
from therapy_domain.appeals.evidence.finding import Found, Gap, item, missing
from therapy_domain.appeals.record import Dispute, Visit
from therapy_domain.appeals.words import counted, day_words, listed, quotation
from therapy_domain.claims.case import Known
from therapy_domain.events.reference import Authorization, CoverageVerified


def _coverage(dispute: Dispute) -> list[Known[CoverageVerified]]:
    case = dispute.record.case
    return [
        known
        for known in case.coverages
        if known.event.payer_id == case.payer_id and _within(dispute.day, known.event.from_, known.event.to)
    ]


def _within(day: date, first: date, last: date | None) -> bool:
    return first <= day and (last is None or day <= last)


def _span(first: date, last: date | None) -> str:
    return f"from {day_words(first)}" + (f" to {day_words(last)}" if last else " on")


def eligibility(dispute: Dispute) -> Found:
    """Coverage by this payer on the date of service."""
    found = _coverage(dispute)
    if not found:
        payer = dispute.record.case.payer_id
        return missing("eligibility", f"no coverage by {payer} verified for {day_words(dispute.day)}")
    lines, gaps = [], []
    for known in found:
        said = known.event
        lines.append(f"Coverage verified {_span(said.from_, said.to)}, member id {said.member_id}")
        if said.covered_codes is not None:
            lines.append(f"Codes covered: {listed(said.covered_codes)}")
            beside = [code for code in dispute.codes if code not in said.covered_codes]
            gaps += [Gap("eligibility", f"{code} is not among the codes verified as covered") for code in beside]
    shown = item("eligibility", "Coverage on the date of service", lines, dispute, [known.id for known in found])
    says = () if gaps else (f"The patient was covered on {day_words(dispute.day)}, as verified with the payer.",)
    return Found(shown, says, tuple(gaps))


def authorization(dispute: Dispute) -> Found:
    """An authorization that reaches the date of service."""
    sessions = dispute.record.case.sessions
    named = {known.event.opened.authorization_number for known in sessions} - {None}
    given = [
        (known, known.event.authorization) for known in _coverage(dispute) if known.event.authorization is not None
    ]
    reaching = [
        (known, grant)
        for known, grant in given
        if _within(dispute.day, grant.from_, grant.to) and (not named or grant.number in named)
    ]
    if not reaching:
        beside = f"; the visit names {listed(sorted(map(str, named)))}" if named else ""
        return missing("authorization", f"no authorization on record that reaches {day_words(dispute.day)}{beside}")
    known, grant = reaching[0]
    limits = {"visit": grant.visits, "unit": grant.units}
    most = {name: limit for name, limit in limits.items() if limit is not None}
    used = {"visit": _visits_before(dispute, grant) + 1, "unit": _units_before(dispute, grant) + _units_now(dispute)}
    gaps = tuple(
        Gap("authorization", f"{used[name]} {name}s used with this visit, {limit} are authorized ({grant.number})")
        for name, limit in most.items()
        if used[name] > limit
    )
    granted = "".join(f", {counted(limit, name)}" for name, limit in most.items())
    lines = [f"Authorization {grant.number}, {_span(grant.from_, grant.to)}{granted}"]
    lines += [f"Used with this visit: {counted(used[name], name)}" for name in most]
    shown = item("authorization", "Authorization", lines, dispute, [known.id])
    of = [f"{used[name]} of {counted(limit, name)}" for name, limit in most.items()]
    within = f"; with this visit {listed(of)} are used" if of else ""
    says = () if gaps else (f"Authorization {grant.number} covers {day_words(dispute.day)}{within}.",)
    return Found(shown, says, gaps)


def _under(dispute: Dispute, grant: Authorization) -> list[Visit]:
    """The patient's earlier visits for this payer within the days of the authorization."""
    payer = dispute.record.case.payer_id
    return [
        visit
        for visit in dispute.record.others
        if visit.payer_id == payer and visit.day < dispute.day and _within(visit.day, grant.from_, grant.to)
    ]


def _visits_before(dispute: Dispute, grant: Authorization) -> int:
    return len({visit.day for visit in _under(dispute, grant)})


def _units_before(dispute: Dispute, grant: Authorization) -> int:
    return sum(visit.units for visit in _under(dispute, grant))


def _units_now(dispute: Dispute) -> int:
    return sum(line.units for line in dispute.record.assessed.lines)


def enrollment(dispute: Dispute) -> Found:
    """The rendering clinicians' enrollment with the payer on the date of service."""
    case = dispute.record.case
    wanted = {known.event.opened.clinician_npi for known in case.sessions}
    found = [
        (known, span)
        for known in case.clinicians
        for span in known.event.payers
        if span.payer_id == case.payer_id and _within(dispute.day, span.from_, span.to)
    ]
    enrolled = {known.subject for known, _ in found}
    gaps = tuple(
        Gap("enrollment", f"no enrollment of NPI {npi} with {case.payer_id} on {day_words(dispute.day)}")
        for npi in sorted(wanted - enrolled)
    )
    if not found:
        return Found(gaps=gaps)
    lines = [
        f"NPI {known.subject}, {known.event.role}, licence {known.event.license_number}: {_span(span.from_, span.to)}"
        for known, span in found
    ]
    shown = item("enrollment", "Enrollment with the payer", lines, dispute, [known.id for known, _ in found])
    npis = listed(sorted(wanted))
    says = () if gaps or not wanted else (f"NPI {npis} was enrolled with the payer on {day_words(dispute.day)}.",)
    return Found(shown, says, gaps)


def acknowledgment(dispute: Dispute) -> Found:
    """That the payer had the claim in time: at the latest on the day of its answer."""
    record = dispute.record
    answered = record.adjudicated.notice_date or record.adjudicated.received_on
    policy = record.case.policy
    days = policy.timely_filing_days if policy is not None else None
    limit = deadlines.filing_deadline(dispute.day)
    if days is not None:
        limit = deadlines.payer_filing_deadline(dispute.day, days)
    lines = [
        f"The payer's answer to the claim is of {day_words(answered)}",
        f"The last day to file the claim was {day_words(limit)}",
    ]
    if answered > limit:
        late = f"the payer's answer is of {day_words(answered)}"
        return missing("acknowledgment", f"no acceptance of the claim by {day_words(limit)}: {late}")
    shown = item("acknowledgment", "When the payer had the claim", lines, dispute, [record.adjudicated_id])
    return Found(
        shown,
        (f"The payer had the claim by {day_words(answered)} at the latest; the last day was {day_words(limit)}.",),
    )


def filing(dispute: Dispute) -> Found:
    """The request that was dismissed, or that waits for a decision."""
    filed = dispute.record.filed
    if filed is None:
        return missing("filing", "the request is not on record as filed")
    proof = f", proof of receipt: {filed.proof}" if filed.proof else ""
    lines = [
        f"Received by the reviewer on {day_words(filed.filed_on)} by {filed.how}{proof}",
        f"The last day to file was {day_words(filed.last_day)}",
    ]
    if filed.decision_due is not None:
        lines.append(f"The decision was due by {day_words(filed.decision_due)}")
    shown = item("filing", "The request", lines, dispute, [filed.event_id])
    if filed.filed_on > filed.last_day and not filed.good_cause:
        words = f"the request came on {day_words(filed.filed_on)}, after the last day {day_words(filed.last_day)}"
        return Found(shown, (), (Gap("filing", f"{words}, and no good cause is stated"),))
    cause = f" Good cause was stated: {quotation(filed.good_cause)}" if filed.good_cause else ""
    received = f"The request was received on {day_words(filed.filed_on)}{proof}"
    says = (f"{received}; the last day was {day_words(filed.last_day)}.{cause}",)
    gaps = () if filed.proof else (Gap("filing", "no proof of receipt"),)
    return Found(shown, says, gaps)
