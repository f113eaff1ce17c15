"""The examples in the docstrings of the counting rules hold."""

import doctest
from types import ModuleType

import pytest

from therapy_domain.units import assistants, cms, midpoint


@pytest.mark.parametrize("module", [assistants, cms, midpoint], ids=lambda module: module.__name__)
def test_examples_in_docstrings_hold(module: ModuleType) -> None:
    outcome = doctest.testmod(module)
    assert (outcome.failed, outcome.attempted > 0) == (0, True)
