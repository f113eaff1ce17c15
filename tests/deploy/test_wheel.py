"""What is installed is what is in the repository: a wheel forgets data files unless it is told of them."""

import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

from support.deployment import ROOT

ROOMS = ("libs", "services")


def test_every_file_of_the_source_is_in_the_wheel(tmp_path: Path) -> None:
    kept = shutil.ignore_patterns("__pycache__", "*.egg-info")
    for room in ROOMS:
        shutil.copytree(ROOT / room, tmp_path / room, ignore=kept)
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, tmp_path)
    made = "from setuptools import build_meta; print(build_meta.build_wheel('.'))"
    told = subprocess.run([sys.executable, "-c", made], cwd=tmp_path, capture_output=True, text=True, check=True)
    with zipfile.ZipFile(tmp_path / told.stdout.split()[-1]) as wheel:
        inside = {name for name in wheel.namelist() if ".dist-info/" not in name}
    source = {
        str(path.relative_to(tmp_path / room))
        for room in ROOMS
        for path in (tmp_path / room).rglob("*")
        if path.is_file() and not path.parent.name.endswith(".egg-info")
    }
    assert source - inside == set()
