"""Other people's validators, asked in the tests. None of their code is ours, and none of ours judges itself here."""

import io
import json
import logging
from collections.abc import Iterator
from typing import Any

import pyx12.params
import pyx12.x12n_document

_AGING_LISTS = "states,country,pos,currency,remark_code"
"""Code lists that pyx12 carries along and does not keep up to date."""


def pyx12_errors(text: str) -> list[str]:
    """What pyx12 finds wrong with an X12 file; empty where it calls it valid."""
    parameters = pyx12.params.params()
    parameters.set("exclude_external_codes", _AGING_LISTS)
    found = io.StringIO()
    logging.getLogger("pyx12").setLevel(logging.CRITICAL)
    valid = pyx12.x12n_document.x12n_document(parameters, io.StringIO(text), None, None, fd_json=found)
    errors = list(_errors(json.loads(found.getvalue()), ""))
    assert valid == (not errors), (valid, errors)
    return errors


def _errors(node: Any, where: str) -> Iterator[str]:
    if isinstance(node, list):
        for inner in node:
            yield from _errors(inner, where)
    elif isinstance(node, dict):
        if "err_str" in node:
            yield f"{where}: {node['err_str']}"
        names = [str(node[key]) for key in ("seg_id", "seg_count", "name") if node.get(key) is not None]
        for inner in node.values():
            yield from _errors(inner, " ".join(names) or where)
