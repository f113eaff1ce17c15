"""The clock of a store that several processes write: one of them tells the day, and nobody says anything twice."""

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import date, datetime, timedelta
from datetime import time as time_of_day
from pathlib import Path

import pytest

from appeals.views import appeals_list
from service_kit.lease import Leadership
from suite.installation import Installation
from suite.migrating import migrate
from suite.ticking import NAME, Ticker, Ticking, last_told, server_clock, tell
from suite.witnesses import DAY_SECONDS, Calendar
from support import postgres
from support.fleet import until
from support.remittances import NECESSITY, answered
from support.store import claims, send
from support.visits import reference, visit
from therapy_domain.events.appeal_work import AppealLapsed, DayBegan, DeadlineWarned

Another = Callable[[], Installation]


class Time:
    now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def another(postgres_server: str, tmp_path: Path) -> Iterator[Another]:
    """One more process' installation over the same PostgreSQL."""
    template = postgres.template(postgres_server, "claimtrail_migrated", lambda url: (migrate(url), None)[1])
    with postgres.database(postgres_server, template) as url, ExitStack() as stack:
        yield lambda: stack.enter_context(Installation(tmp_path / "data", database=url))


def said(store: Installation, *kinds: type) -> list[str]:
    return [row.type for row in store.log.read_all(0, 10_000, [kind.type for kind in kinds])]  # type: ignore[attr-defined]  # events have one


def denied(store: Installation) -> str:
    send(store, [*reference(), *visit()])
    claim: str = claims(store)[0]["claim_id"]
    send(store, [answered(claim, "denied", "2026-04-11", NECESSITY)])
    return claim


def clock_of(store: Installation, holder: str, time: Time) -> Ticker:
    return Ticker(store, Leadership(store.log, NAME, holder, 8.0, clock=time))


def noon(day: date) -> float:
    return datetime.combine(day, time_of_day(12)).astimezone().timestamp()


def test_of_two_clocks_one_tells_and_the_other_takes_over_when_it_falls_silent(another: Another) -> None:
    one, two, time = another(), another(), Time()
    first, second = clock_of(one, "a", time), clock_of(two, "b", time)
    assert first.tick(date(2026, 4, 12))
    assert not second.tick(date(2026, 4, 13))
    time.now = 9.0
    assert second.tick(date(2026, 4, 13))
    assert not first.tick(date(2026, 4, 14))
    assert said(one, DayBegan) == [DayBegan.type] * 2


def test_a_clock_that_was_frozen_is_fenced_off_in_the_very_transaction(another: Another) -> None:
    one, two, time = another(), another(), Time()
    lease = Leadership(one.log, NAME, "a", 8.0, clock=time)
    frozen = Ticker(one, lease)
    assert frozen.lead()
    lease.beat = lambda: True  # type: ignore[method-assign]  # it believes that it leads, and does not look
    other = clock_of(two, "b", time)
    assert not other.lead()
    time.now = 9.0
    assert other.lead()
    assert not frozen.tick(date(2026, 4, 12))
    assert said(one, DayBegan) == []


def test_a_person_tells_the_day_while_another_process_keeps_the_clock(another: Another) -> None:
    running, cron = another(), another()
    claim = denied(running)
    keeping = Ticking(running, 8.0, Calendar(lambda: noon(date(2026, 4, 12))))
    running.dispatcher.start()
    keeping.start()
    try:
        told = tell(cron, date(2026, 8, 10))
        again = tell(cron, date(2026, 8, 10))
    finally:
        keeping.stop()
        running.dispatcher.stop()
    assert [each["appeal_id"] for each in told["lapsed"]] == [f"{claim}-A1"]
    assert (told["said"], again["said"], keeping.trouble) == (True, False, None)
    assert said(cron, AppealLapsed, DeadlineWarned) == [AppealLapsed.type]


def test_the_worklist_of_postgresql_is_that_of_a_directory(another: Another, tmp_path: Path) -> None:
    with Installation(tmp_path / "calm") as calm:
        denied(calm)
        tell(calm, date(2026, 7, 28))
        shared = another()
        denied(shared)
        tell(shared, date(2026, 7, 28))
        assert appeals_list(shared.read.rows()) == appeals_list(calm.read.rows()) != []


def test_a_clock_set_days_ahead_lapses_nothing_and_says_so(another: Another) -> None:
    """The database's clock bears witness: the days go on by it."""
    store = another()
    denied(store)
    calendar = Calendar(lambda: time.time() + 200 * DAY_SECONDS, server=server_clock(store))
    keeping = Ticking(store, 0.2, calendar)
    before = date.today()  # noqa: DTZ011 -- as the clock does
    keeping.start()
    until(lambda: last_told(store) is not None and keeping.trouble is not None, "a day is told, and the doubt")
    keeping.stop()
    assert last_told(store) in (before, before + timedelta(1))  # midnight may pass
    assert "the database's" in (keeping.trouble or "")


def test_in_a_directory_a_clock_that_is_set_ahead_while_it_runs_is_not_believed(tmp_path: Path) -> None:
    now = noon(date(2026, 8, 8))  # the last day of the appeal
    with Installation(tmp_path / "store") as store:
        denied(store)
        calendar = Calendar(lambda: now)
        assert tell(store, calendar.look(None).day)["lapsed"] == []
        now += 2 * DAY_SECONDS
        keeping = Ticking(store, 0.2, calendar)
        keeping.start()
        until(lambda: keeping.trouble is not None, "it is said")
        keeping.stop()
        assert last_told(store) == date(2026, 8, 8)
        assert said(store, AppealLapsed) == []
