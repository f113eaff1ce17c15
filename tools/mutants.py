"""Mutation testing of `therapy_domain`: small faults are put into its functions, and its tests should see each one.

python tools/mutants.py [--only units --only payment] [--after 4 --share 10] [--most 200] [--report]

The package is copied to `.mutants`, where mutmut works. What it leaves out are decorated functions, and here every rule
and every table is one; so in the copy a decorator is written as the call that it is. Of all mutants a share is run,
chosen by the hash of each one's name: the same ones every time. What was killed stays so until the code changes; a run
can be stopped and goes on where it was. mutmut puts a mutant into a process that has loaded the package: one in what
only loading goes through is tried here, in a process of its own. The share, and what counts as a kill, stand in
docs/mutants.md.
"""

import argparse
import hashlib
import json
import os
import shutil
import subprocess
import sys
import tomllib
from collections import Counter
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import libcst as cst
from mutmut.configuration import config
from mutmut.mutation.data import SourceFileMutationData
from mutmut.stats import status_by_exit_code
from mutmut.utils.format_utils import mangled_name_from_mutant_name

ROOT = Path(__file__).parents[1]
WORK = ROOT / ".mutants"
PACKAGE = "therapy_domain"
WRAPPERS = frozenset({"cache", "lru_cache", "of_visit", "once", "once_a_table", "property", "rule"})
"""Decorators that only wrap: written as a call behind the function they do the same."""
SETTINGS = """\
[tool.mutmut]
{settings}
[tool.pytest.ini_options]
testpaths = ["tests"]
pythonpath = ["tests/helpers"]
addopts = "-q --import-mode=importlib -p no:cacheprovider -p no:xdist"
"""
KILLED = frozenset({"killed", "timeout", "segfault", "check was interrupted by user"})
"""The last: the test modules cannot even be loaded."""
WORKERS = 2
LOADED = """\
import importlib, pkgutil, therapy_domain
from mutmut.state import state
for each in pkgutil.walk_packages(therapy_domain.__path__, "therapy_domain."):
    importlib.import_module(each.name)
print(*state()._stats)
"""
TOO_LONG = 600
"""So long may the tests take with a mutant in a process of its own [s]; without one they take a fiftieth of it."""
KILL, TIMEOUT = 1, 36
"""As mutmut writes them down."""


class Undecorated(cst.CSTTransformer):
    """`@rule(...)` above a function becomes `name = rule(...)(name)` below it."""

    def leave_FunctionDef(  # noqa: N802 -- libcst's name
        self, original_node: cst.FunctionDef, updated_node: cst.FunctionDef
    ) -> cst.FunctionDef | cst.FlattenSentinel[cst.BaseStatement]:
        """What stands in place of one function."""
        del original_node
        wrappers = [each.decorator for each in updated_node.decorators]
        if not wrappers or not all(_named(each) in WRAPPERS for each in wrappers):
            return updated_node
        value: cst.BaseExpression = updated_node.name
        for each in reversed(wrappers):
            value = cst.Call(each, [cst.Arg(value)])
        assigned = cst.Assign([cst.AssignTarget(updated_node.name)], value)
        return cst.FlattenSentinel([updated_node.with_changes(decorators=[]), cst.SimpleStatementLine([assigned])])


def _named(decorator: cst.BaseExpression) -> str:
    while isinstance(decorator, cst.Call):
        decorator = decorator.func
    return decorator.value if isinstance(decorator, cst.Name) else ""


def copied() -> None:
    """Bring the copy up to date; a file that is the same keeps its time, and so its results."""
    for file in sorted((ROOT / "libs" / PACKAGE).rglob("*")):
        copy = WORK / file.relative_to(ROOT / "libs")
        if file.is_dir() or "__pycache__" in file.parts or _newer(copy, file):
            continue
        content = file.read_bytes()
        if file.suffix == ".py":
            content = cst.parse_module(content).visit(Undecorated()).bytes
        elif copy.exists():
            (WORK / "mutants" / copy.relative_to(WORK)).unlink(missing_ok=True)  # mutmut only copies what is not there
        _written(copy, content)
    for place in (WORK, WORK / "mutants"):  # mutmut copies them from the one to the other
        shutil.rmtree(place / "tests", ignore_errors=True)
    for name in ("tests/domain", "tests/helpers"):
        shutil.copytree(ROOT / name, WORK / name)
    (WORK / "mutants" / "mutmut-stats.json").unlink(missing_ok=True)  # tests may go other ways than before
    _written(WORK / "tests" / "conftest.py", (ROOT / "tools" / "mutants_conftest.py").read_bytes())
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["mutmut"]
    lines = "\n".join(f"{name} = {json.dumps(value)}" for name, value in settings.items())
    _written(WORK / "pyproject.toml", SETTINGS.format(settings=lines).encode())


def _newer(copy: Path, file: Path) -> bool:
    return copy.exists() and copy.stat().st_mtime > file.stat().st_mtime


def _written(file: Path, content: bytes) -> None:
    if not file.exists() or file.read_bytes() != content:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content)


def generated() -> None:
    """Let mutmut write its mutants, which `mutmut run` would do first."""
    from mutmut import __main__ as mutmut

    for step in (mutmut.copy_src_dir, mutmut.copy_also_copy_files):
        step()
    mutmut.create_mutants(WORKERS)


def known(only: list[str]) -> Iterator[tuple[str, int | None]]:
    """Every mutant's name, and what became of it."""
    for meta in sorted(Path("mutants").rglob("*.py.meta")):
        module = meta.relative_to("mutants").as_posix().removesuffix(".py.meta")
        if only and not any(module.startswith(f"{PACKAGE}/{each}") for each in only):
            continue
        if not config().should_mutate(f"{module}.py"):
            continue
        data = SourceFileMutationData(path=Path(f"{module}.py"))
        data.load()
        yield from data.exit_code_by_key.items()


def chosen(name: str, after: int, share: int) -> bool:
    """Whether a mutant is among so many of a hundred, and not among the first few of them."""
    return after <= int.from_bytes(hashlib.sha256(name.encode()).digest()[:4]) % 100 < share


def _python(*arguments: str, mutant: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(  # noqa: S603 -- our own arguments
        [sys.executable, *arguments],
        cwd="mutants",
        env={**os.environ, "MUTANT_UNDER_TEST": mutant},
        capture_output=True,
        text=True,
        timeout=TOO_LONG,
        check=False,
    )


def on_loading() -> frozenset[str]:
    """The functions that loading the package goes through, as mutmut names them."""
    loaded = _python("-c", LOADED, mutant="stats")
    loaded.check_returncode()
    return frozenset(loaded.stdout.split())


def tried_afresh(names: Iterable[str]) -> None:
    """Try each mutant in a process of its own, which loads the package with it, and write down what came of it."""
    if _outcome(""):
        raise SystemExit("the tests fail without any mutant")
    names = list(names)
    with ThreadPoolExecutor(WORKERS) as pool:
        codes = dict(zip(names, pool.map(_outcome, names), strict=True))
    for meta in sorted(Path("mutants").rglob("*.py.meta")):
        data = SourceFileMutationData(path=meta.relative_to("mutants").with_suffix(""))
        data.load()
        if found := codes.keys() & data.exit_code_by_key.keys():
            data.exit_code_by_key.update((name, codes[name]) for name in found)
            data.save()


def _outcome(mutant: str) -> int:
    try:
        return KILL if _python("-m", "pytest", "-x", "tests/domain", mutant=mutant).returncode else 0
    except subprocess.TimeoutExpired:
        return TIMEOUT


def report(only: list[str], after: int, share: int) -> None:
    """A line a part: how many are chosen, killed, not seen."""
    parts: dict[str, Counter[str]] = {}
    survivors: list[str] = []
    for name, code in known(only):
        if not chosen(name, after, share):
            continue
        words = name.partition(".x")[0].split(".")
        state = status_by_exit_code[code]
        parts.setdefault("/".join(words[1:3]), Counter())[state] += 1
        if state not in KILLED and code is not None:
            survivors.append(f"{state:10} {name}")
    total: Counter[str] = sum(parts.values(), Counter())
    print("\n".join(sorted(survivors)))
    print(f"{'part':34} {'chosen':>7} {'run':>6} {'killed':>7} {'survived':>9} {'no tests':>9} {'killed %':>9}")
    for part, counted in [*sorted(parts.items()), ("all", total)]:
        run = counted.total() - counted["not checked"]
        killed = sum(counted[each] for each in KILLED)
        share_killed = f"{100 * killed / run:.1f}" if run else "-"
        print(
            f"{part:34} {counted.total():>7} {run:>6} {killed:>7} {counted['survived']:>9}"
            f" {counted['no tests']:>9} {share_killed:>9}"
        )


def main() -> int:
    """Copy, run what is chosen and was not run yet, report."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--only", action="append", default=[], help="a folder or module below therapy_domain")
    options.add_argument(
        "--after", type=int, default=0, help="of these mutants, without the first so many of a hundred"
    )
    options.add_argument("--share", type=int, default=4, help="of a hundred mutants so many are run; 100 = all")
    options.add_argument("--most", type=int, help="run at most so many now")
    options.add_argument("--report", action="store_true", help="only tell how it stands")
    asked = options.parse_args()
    WORK.mkdir(exist_ok=True)
    if not asked.report:
        copied()
    os.chdir(WORK)
    if not asked.report:
        generated()
        left = [
            name
            for name, code in known(asked.only)
            if chosen(name, asked.after, asked.share)
            and status_by_exit_code[code] not in KILLED  # tests may have been added
        ]
        left.sort(key=lambda name: hashlib.sha256(name.encode()).digest())
        now = left[: asked.most]
        print(f"{len(now)} mutants now, {len(left) - len(now)} later", flush=True)
        loading = on_loading()
        afresh = [name for name in now if mangled_name_from_mutant_name(name) in loading]
        forked = [name for name in now if name not in afresh]
        if forked:
            mutmut = Path(sys.executable).with_name("mutmut")
            run = [mutmut, "run", "--max-children", str(WORKERS), *forked]
            subprocess.run(run, check=True, stdout=subprocess.DEVNULL)  # noqa: S603 -- our own names
        if afresh:
            tried_afresh(afresh)
    report(asked.only, asked.after, asked.share)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
