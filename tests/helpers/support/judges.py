"""Other people's validators, asked in the tests. None of their code is ours, and none of ours judges itself here."""

import io
import json
import logging
import os
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
import pyx12.params
import pyx12.x12n_document

_FHIR_JUDGE = Path(__file__).parents[2] / "judges" / "fhir"
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


def fhir_errors(resources: Sequence[object], scratch: Path) -> list[list[str]]:
    """What HAPI's validator calls an error in each FHIR R4 resource; warnings and notes are left out.

    Java and Maven fetch it once; where they are missing the test is skipped, except where CI is set.
    """
    if not (shutil.which("java") and shutil.which("mvn")):
        (pytest.fail if os.environ.get("CI") else pytest.skip)("HAPI's FHIR validator needs java (17) and mvn")
    classpath = scratch / "classpath"
    build = ["mvn", "--quiet", "--batch-mode", "--file", str(_FHIR_JUDGE / "pom.xml")]
    subprocess.run([*build, "dependency:build-classpath", f"-Dmdep.outputFile={classpath}"], check=True)
    lines = "".join(json.dumps(resource) + "\n" for resource in resources)
    flags = ["-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC"]  # a short run: start quickly, take one core
    command = ["java", *flags, "-cp", classpath.read_text(), str(_FHIR_JUDGE / "Judge.java")]
    done = subprocess.run(command, input=lines, capture_output=True, text=True, encoding="utf-8", check=True)
    told = [line.split("\t") if line else [] for line in done.stdout.split("\n")[:-1]]
    assert len(told) == len(resources)
    return told
