"""The files that deploy the suite, read."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).parents[3]
DEPLOY = ROOT / "deploy"
KUBERNETES = DEPLOY / "kubernetes"
OBSERVABILITY = DEPLOY / "observability"
GUIDE = ROOT / "docs" / "operators.md"
DOCKERFILE = DEPLOY / "Dockerfile"
PORT = 8080
"""Where every service answers in its container."""
OUR_IMAGE = "claimtrail"
_SECRET = re.compile(r"password|secret|token|credential|passwd", re.IGNORECASE)


def compose() -> dict[str, Any]:
    """docker-compose.yml, its anchors resolved."""
    read: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
    return read


def manifests() -> Iterator[tuple[Path, dict[str, Any]]]:
    """Every Kubernetes object, and the file it is in."""
    for path in sorted(KUBERNETES.glob("*.yaml")):
        if path.name != "kustomization.yaml":
            for each in yaml.safe_load_all(path.read_text()):
                yield path, each


def served_by(command: list[str]) -> str | None:
    """The service that these words of `claimtrail` serve; None: they do something else."""
    return command[1] if command[:1] == ["serve"] else None


def version() -> str:
    """The release that pyproject.toml names."""
    found = re.search(r'^version = "(.+)"$', (ROOT / "pyproject.toml").read_text(), re.MULTILINE)
    assert found
    return found[1]


def in_the_clear(settings: dict[str, Any]) -> list[str]:
    """The settings that hold a secret, or look as if they did: names of files are none."""
    found = []
    for name, value in settings.items():
        text = str(value)
        named = bool(_SECRET.search(name)) and not name.endswith("_FILE") and text not in ("true", "false")
        if named or re.search(r"://[^/@\s]*:[^/@\s]+@", text):
            found.append(name)
    return found
