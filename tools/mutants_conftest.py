"""In the copy that mutmut works in: the same examples every time, and nothing known that was worked out unmutated."""

import sys
from pathlib import Path

from hypothesis import settings

settings.register_profile("mutants", max_examples=30, derandomize=True, deadline=None, database=None)
settings.load_profile("mutants")
TESTS = Path(__file__).parent


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
