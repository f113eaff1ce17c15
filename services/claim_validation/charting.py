"""The patient's chart: one entry for every visit, so that the assessment of one visit can look back on the others.

A service of its own beside the assessment, since its unit of work is the patient: several visits of one patient in one
batch are entered together, and two processes that chart the same patient meet at the version of one stream.
"""

from collections.abc import Iterable, Mapping, Sequence

from claim_validation.state import CHART, FACTS, SESSIONS, UNITS
from claim_validation.views import ChartOfOrganization, charts_of
from event_log.protocol import Recorded
from rule_releases.rulesets import Rulesets
from service_kit.codec import Seen
from service_kit.outcome import Made, Outcome
from service_kit.reading import Folded, Reader
from service_kit.service import Service
from service_kit.tables import upsert
from therapy_domain.claims.case import Known
from therapy_domain.claims.chart import Chart, chart
from therapy_domain.events.base import Fact
from therapy_domain.events.claim import UnitsCalculated
from therapy_domain.events.reference import OrganizationConfigured
from therapy_domain.facts import SubjectFacts
from therapy_domain.identity import decision_id, id_bytes, id_text
from therapy_domain.policies import resolve_policy
from therapy_domain.streams import chart_of, sessions_of, subject_stream, units_of

NAME = "patient-charts"


def _organization(org: str) -> str:
    return subject_stream("organization", org, org)


def organization_of(facts: SubjectFacts) -> Known[OrganizationConfigured] | None:
    """The organization as it was configured last."""
    found = [fact for fact in facts.standing() if isinstance(fact.event, OrganizationConfigured)]
    return Known(id_text(found[-1].fact_id), found[-1].event, found[-1].subject, found[-1].time) if found else None


def _asks_what_is_charted(rows: Iterable[Recorded]) -> bool:
    """Whether there may be entries of what these events concern. There is none of a case before its first count, and a
    chart may be long."""
    return any(row.type != UnitsCalculated.type or row.version > 1 for row in rows)


class _Charts:
    """Charting, under the ruleset release in force. The key of a piece of work is the chart's stream."""

    def __init__(self, rulesets: Rulesets) -> None:
        self._rulesets = rulesets
        self._versions: Mapping[str, int] = {}
        """Of the charts of the batch."""

    def route(self, seen: Seen, read: Reader) -> Iterable[str]:
        match seen.event:
            case UnitsCalculated(org=org, patient_id=patient):
                return (chart_of(org, patient),)
            case Fact(event=OrganizationConfigured()):  # its fees are what payers allow, where nothing better is known
                return charts_of(read.rows(), seen.recorded.stream)
            case _:
                return ()

    def prepare(self, work: Mapping[str, Sequence[Recorded]], read: Reader) -> None:
        self._versions = read.versions(work)
        charts = read.folds([stream for stream, rows in work.items() if _asks_what_is_charted(rows)], CHART)
        cases: set[str] = set()
        for stream, rows in work.items():
            for _, said in read.see_all(rows):
                cases.update((said.case_id,) if isinstance(said, UnitsCalculated) else charts[stream].state)
        read.folds([units_of(case) for case in cases], UNITS)
        read.folds([sessions_of(case) for case in cases], SESSIONS)

    def work(self, stream: str, events: Sequence[Seen], read: Reader) -> Outcome:
        outcome = Outcome()
        asks = _asks_what_is_charted(seen.recorded for seen in events)
        version, entries = read.fold(stream, CHART) if asks else Folded[Chart](self._versions[stream], {})
        asked = {seen.event.case_id for seen in events if isinstance(seen.event, UnitsCalculated)}
        everywhere = any(isinstance(seen.event, Fact) for seen in events)
        now = max(seen.recorded.occurred_at for seen in events)
        cases = sorted(asked.union(entries if everywhere else ()))
        made = [entry for case in cases if (entry := self._entry(case, entries, now, read, outcome)) is not None]
        outcome.append(stream, expected=version, events=made)
        if made and version == 0:
            org = made[0].org
            outcome.show(upsert(ChartOfOrganization), ChartOfOrganization.row(_organization(org), stream))
        return outcome

    def _entry(self, case: str, entries: Chart, now: int, read: Reader, outcome: Outcome) -> Made | None:
        """The case's entry where it is not what the chart has; it holds while what it rests on stands."""
        units, sessions = read.fold(units_of(case), UNITS).state, read.fold(sessions_of(case), SESSIONS).state
        if units is None or units.event.sessions != sessions.ids():
            return None  # torn: the units of the newer revision are on their way
        said = units.event
        of_organization, of_payer = _organization(said.org), subject_stream("payer", said.org, said.payer_id)
        (as_of, organization), (payer_as_of, payer) = read.fold(of_organization, FACTS), read.fold(of_payer, FACTS)
        outcome.guard(of_organization, as_of)
        outcome.guard(of_payer, payer_as_of)
        configured = organization_of(organization)
        rules = self._rulesets.current(read)
        policy, policy_facts = resolve_policy(said.payer_id, said.date_of_service, payer, rules)
        entry = chart(units, sessions.recorded.values(), configured, policy, policy_facts, rules)
        if case in entries and entries[case].event.basis == entry.basis:
            return None  # nothing new: the entry stays, also under an older release
        decided = decision_id(entry.type, case, (*entry.basis, entry.ruleset_hash))
        patient = subject_stream("patient", said.org, said.patient_id)
        return Made(entry, decided, said.org, now, case_id=id_bytes(case), seal_for=patient)


def service(rulesets: Rulesets) -> Service:
    """Charting, under the ruleset release in force."""
    charts = _Charts(rulesets)
    return Service(
        name=NAME,
        listens_to=frozenset({UnitsCalculated.type, OrganizationConfigured.type}),
        route=charts.route,
        work=charts.work,
        prepare=charts.prepare,
        tables=(ChartOfOrganization,),
    )
