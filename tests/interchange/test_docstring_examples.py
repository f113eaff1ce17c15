"""The examples in the docstrings of the payers' formats hold."""

import doctest
from types import ModuleType

import pytest

from interchange.cms1500 import words
from interchange.fhir import parts
from interchange.x12 import characters, values


@pytest.mark.parametrize("module", [characters, values, parts, words], ids=lambda module: module.__name__)
def test_examples_in_docstrings_hold(module: ModuleType) -> None:
    outcome = doctest.testmod(module)
    assert (outcome.failed, outcome.attempted > 0) == (0, True)
