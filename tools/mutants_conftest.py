"""In the copy that mutmut works in: the same examples every time, and nothing known that was worked out unmutated."""

import sys
from pathlib import Path

import pytest
from hypothesis import settings

EXAMPLES = 15
settings.register_profile("mutants", max_examples=EXAMPLES, derandomize=True, deadline=None, database=None)
settings.load_profile("mutants")
TESTS = Path(__file__).parent
_SETTINGS = "_hypothesis_internal_use_settings"


def pytest_collection_modifyitems(items: list[pytest.Function]) -> None:
    """No property takes more examples, whatever it asks for itself."""
    for test in {item.function for item in items}:
        own = getattr(test, _SETTINGS, None)
        if own is not None and own.max_examples > EXAMPLES:
            setattr(test, _SETTINGS, settings(own, max_examples=EXAMPLES, derandomize=True, database=None))


def pytest_configure() -> None:
    """Tables that were read are read again, and test modules, whose constants come from them, are loaded again."""
    for name, module in list(sys.modules.items()):
        file = getattr(module, "__file__", None)
        if name.partition(".")[0] == "therapy_domain":
            for value in vars(module).values():
                clear = getattr(value, "cache_clear", None)
                if clear is not None:
                    clear()
        elif file is not None and TESTS in Path(file).parents and Path(file).name != "conftest.py":
            del sys.modules[name]
