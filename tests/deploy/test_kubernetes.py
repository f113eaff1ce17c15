"""The Kubernetes manifests are valid, and run every service with probes, limits, budgets and its own keys."""

import re
from pathlib import Path
from typing import Any

import kubernetes_validate
import pytest
import yaml

from service_kit.settings import Settings, documented
from suite.distributed.process import served
from support.deployment import KUBERNETES, OUR_IMAGE, PORT, in_the_clear, manifests, served_by, version

ALL = list(manifests())
WORKLOADS = {each["metadata"]["name"]: each for _, each in ALL if each["kind"] in ("Deployment", "StatefulSet")}
JOBS = {each["metadata"]["name"]: each for _, each in ALL if each["kind"] == "Job"}
(EXPORT,) = [each for _, each in ALL if each["kind"] == "CronJob"]
JOBS[EXPORT["metadata"]["name"]] = EXPORT["spec"]["jobTemplate"]
RUNNING = pytest.mark.parametrize("name", sorted({*WORKLOADS, *JOBS}))
SERVED = pytest.mark.parametrize("name", sorted(WORKLOADS))
(KUSTOMIZATION,) = yaml.safe_load_all((KUBERNETES / "kustomization.yaml").read_text())


def pod(name: str) -> dict[str, Any]:
    found: dict[str, Any] = {**WORKLOADS, **JOBS}[name]["spec"]["template"]["spec"]
    return found


def container(name: str) -> dict[str, Any]:
    (found,) = pod(name)["containers"]
    return dict(found)


@pytest.mark.parametrize(("path", "each"), ALL, ids=lambda each: each.name if isinstance(each, Path) else each["kind"])
def test_every_object_is_valid(path: Path, each: dict[str, Any]) -> None:
    kubernetes_validate.validate(each, "1.34", strict=True)


def test_an_object_that_is_not_would_be_found() -> None:
    wrong = {**WORKLOADS["audit"], "spec": {**WORKLOADS["audit"]["spec"], "replica": 2}}
    with pytest.raises(kubernetes_validate.ValidationError):
        kubernetes_validate.validate(wrong, "1.34", strict=True)


def test_all_files_are_applied_and_the_image_is_this_release() -> None:
    assert sorted(KUSTOMIZATION["resources"]) == sorted({path.name for path, _ in ALL})
    assert KUSTOMIZATION["images"] == [{"name": OUR_IMAGE, "newTag": version()}]
    assert all(container(name)["image"] == OUR_IMAGE for name in {*WORKLOADS, *JOBS})


def test_every_service_of_the_code_runs_and_none_more() -> None:
    assert {served_by(container(name)["args"]) for name in WORKLOADS} == set(served())
    assert all(served_by(container(name)["args"]) == name for name in WORKLOADS)
    assert {container(name)["args"][0] for name in JOBS} == {"migrate", "topics", "export"}


@SERVED
def test_it_is_asked_how_it_stands(name: str) -> None:
    asked = container(name)
    assert asked["args"][2:] == ["--host", "0.0.0.0", "--port", str(PORT)]
    assert asked["ports"] == [{"name": "http", "containerPort": PORT}]
    assert asked["livenessProbe"]["httpGet"]["path"] == asked["startupProbe"]["httpGet"]["path"] == "/healthz"
    assert asked["readinessProbe"]["httpGet"]["path"] == "/readyz"
    drains = float(Settings().drain_seconds)
    assert pod(name)["terminationGracePeriodSeconds"] > drains + 2


@SERVED
def test_one_copy_stays_while_nodes_are_drained(name: str) -> None:
    (budget,) = [each for _, each in ALL if each["kind"] == "PodDisruptionBudget" and each["metadata"]["name"] == name]
    spec = WORKLOADS[name]["spec"]
    assert budget["spec"]["minAvailable"] < spec["replicas"]
    labels = spec["template"]["metadata"]["labels"]
    assert budget["spec"]["selector"]["matchLabels"] == spec["selector"]["matchLabels"] == labels


@RUNNING
def test_it_has_limits_and_no_rights(name: str) -> None:
    its, spec = container(name), pod(name)
    assert its["resources"]["limits"].keys() == its["resources"]["requests"].keys() == {"cpu", "memory"}
    assert its["securityContext"] == {
        "allowPrivilegeEscalation": False, "readOnlyRootFilesystem": True, "capabilities": {"drop": ["ALL"]}
    }  # fmt: skip
    assert spec["securityContext"]["runAsNonRoot"] is True
    assert spec["automountServiceAccountToken"] is False


def test_secrets_are_named_and_not_kept() -> None:
    assert not [each for _, each in ALL if each["kind"] == "Secret"]
    for _, each in ALL:
        assert in_the_clear(each.get("data", {})) == []
    for name in {*WORKLOADS, *JOBS}:
        plain = {setting["name"]: setting["value"] for setting in container(name).get("env", []) if "value" in setting}
        assert in_the_clear(plain) == []


def keys_of(name: str) -> set[str]:
    secrets = [volume["secret"] for volume in pod(name)["volumes"] if "secret" in volume]
    return {item["key"] for each in secrets if each["secretName"] == "claimtrail-keys" for item in each["items"]}


def test_who_signs_cannot_open_and_who_opens_cannot_sign() -> None:
    assert keys_of("relay") == {"fingerprint.key", "signing.pem", "signing.vkey"}
    for name in set(WORKLOADS) - {"relay"}:
        assert keys_of(name) == {"master.key", "fingerprint.key", "signing.vkey"}
    assert keys_of("export") == keys_of("audit")
    assert not any(keys_of(name) for name in set(JOBS) - {"export"})


def test_the_owner_of_the_database_is_nobody_but_the_migration() -> None:
    users = [name for name in {*WORKLOADS, *JOBS} if "claimtrail-database-owner" in str(pod(name))]
    assert users == ["migrate"]


def test_every_setting_is_one_that_the_code_knows() -> None:
    (settings,) = [each["data"] for _, each in ALL if each["kind"] == "ConfigMap"]
    known = {variable for variable, _, _ in documented()}
    ours = {name for name in settings if name.startswith(("CLAIMTRAIL_", "KAFKA_"))}
    assert ours - known == {"CLAIMTRAIL_DATABASE_URL", "CLAIMTRAIL_DATABASE_PASSWORD_FILE"}
    Settings.from_environment(settings)


@RUNNING
def test_what_is_mounted_is_there(name: str) -> None:
    templates = WORKLOADS.get(name, {}).get("spec", {}).get("volumeClaimTemplates", [])
    there = {volume["name"] for volume in pod(name)["volumes"]} | {each["metadata"]["name"] for each in templates}
    assert {mount["name"] for mount in container(name)["volumeMounts"]} == there
    (settings,) = [each["data"] for _, each in ALL if each["kind"] == "ConfigMap"]
    folders = {mount["mountPath"] for mount in container(name)["volumeMounts"]}
    if name in WORKLOADS:
        files = [value for key, value in settings.items() if re.search("_FILE$", key)]
        assert all(value.rsplit("/", 1)[0] in folders for value in files)
