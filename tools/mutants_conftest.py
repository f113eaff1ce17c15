"""In the copy that mutmut works in: the same examples every time, and nothing known that was worked out unmutated.

Tables are read once a process, and many test modules read theirs when they are loaded. So that a fault in reading is
seen, what was read is forgotten and the modules are loaded again for every mutant. And while mutmut notes which tests
go through which function, a test goes through what its module went through.
"""

import sys
from collections.abc import Generator
from pathlib import Path

import pytest
from hypothesis import settings
from mutmut.mutation.trampoline import get_mutant_under_test
from mutmut.state import state

EXAMPLES = 15
settings.register_profile("mutants", max_examples=EXAMPLES, derandomize=True, deadline=None, database=None)
settings.load_profile("mutants")
TESTS = Path(__file__).parent
_SETTINGS = "_hypothesis_internal_use_settings"
_ON_LOADING: dict[str, set[str]] = {}
"""By test module, the functions that its loading goes through."""


def pytest_configure() -> None:
    """Test modules, whose constants come from tables, are loaded again."""
    _forget()
    for name, module in list(sys.modules.items()):
        file = getattr(module, "__file__", None)
        if file is not None and TESTS in Path(file).parents and Path(file).name != "conftest.py":
            del sys.modules[name]


def _forget() -> None:
    for name, module in list(sys.modules.items()):
        if name.partition(".")[0] == "therapy_domain":
            for value in vars(module).values():
                clear = getattr(value, "cache_clear", None)
                if clear is not None:
                    clear()


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report(
    collector: pytest.Collector,
) -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    """What a module's loading goes through."""
    if not isinstance(collector, pytest.Module) or get_mutant_under_test() != "stats":
        return (yield)
    _forget()
    state()._stats.clear()  # noqa: SLF001 -- where mutmut notes it
    report = yield
    _ON_LOADING[collector.nodeid] = set(state()._stats)  # noqa: SLF001 -- mutmut tells it nowhere else
    state()._stats.clear()  # noqa: SLF001 -- mutmut tells it nowhere else
    return report


def pytest_runtest_setup(item: pytest.Item) -> None:
    """What a test goes through: its module's loading, and every table that it asks for."""
    module = item.getparent(pytest.Module)
    if module is not None and get_mutant_under_test() == "stats":
        _forget()
        state()._stats.update(_ON_LOADING.get(module.nodeid, ()))  # noqa: SLF001 -- mutmut tells it nowhere else


def pytest_collection_modifyitems(items: list[pytest.Function]) -> None:
    """No property takes more examples, whatever it asks for itself."""
    for test in {item.function for item in items}:
        own = getattr(test, _SETTINGS, None)
        if own is not None and own.max_examples > EXAMPLES:
            setattr(test, _SETTINGS, settings(own, max_examples=EXAMPLES, derandomize=True, database=None))
