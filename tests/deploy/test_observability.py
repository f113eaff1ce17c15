"""What watches the suite asks for what the suite tells, and every alert has a page that says what to do."""

import json
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import promql_parser
import pytest
import yaml

from service_kit import names
from suite.distributed.process import served
from support.deployment import GUIDE, OBSERVABILITY, PORT, ROOT, compose
from support.exposed import exposed

(GROUP,) = yaml.safe_load((OBSERVABILITY / "alerts.yml").read_text())["groups"]
RULES: list[dict[str, Any]] = GROUP["rules"]
ALERTS = pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule["alert"])
DASHBOARD = json.loads((OBSERVABILITY / "grafana/dashboards/claimtrail.json").read_text())
PANELS = [panel for panel in DASHBOARD["panels"] if panel["type"] != "row"]
PROMETHEUS = yaml.safe_load((OBSERVABILITY / "prometheus.yml").read_text())
COLLECTOR = yaml.safe_load((OBSERVABILITY / "collector.yaml").read_text())
SOURCES = yaml.safe_load((OBSERVABILITY / "grafana/provisioning/datasources/claimtrail.yml").read_text())["datasources"]
SERVICES = compose()["services"]
BY_PROMETHEUS = {"up": set(), "ALERTS": {"alertname", "alertstate"}, "process_resident_memory_bytes": set()}
EVERYWHERE = {"job", "instance", "service", "le"}


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> dict[str, set[str]]:
    return {**exposed(tmp_path_factory.mktemp("told")), **BY_PROMETHEUS}


def parts(query: str) -> Iterator[Any]:
    found: list[Any] = []
    promql_parser.walk(promql_parser.parse(query), found.append)
    return iter(found)


def check_query(query: str, told: dict[str, set[str]]) -> None:
    """That every metric and label in it is there."""
    labels: set[str] = set()
    asked: set[str] = set()
    for part in parts(query):
        if isinstance(part, promql_parser.VectorSelector):
            assert part.name in told, f"nobody tells {part.name}"
            labels |= told[part.name] | EVERYWHERE
            asked |= {matcher.name for matcher in part.matchers.matchers}
        if isinstance(part, promql_parser.AggregateExpr) and part.modifier is not None:
            asked |= set(part.modifier.labels)
    assert asked <= labels


@ALERTS
def test_an_alert_asks_for_what_is_told(rule: dict[str, Any], told: dict[str, set[str]]) -> None:
    check_query(rule["expr"], told)


def test_a_query_for_what_nobody_tells_would_be_found(told: dict[str, set[str]]) -> None:
    with pytest.raises(AssertionError, match="claimtrail_nothing"):
        check_query("sum(rate(claimtrail_nothing_total[5m]))", told)
    with pytest.raises(AssertionError):
        check_query("sum by (nobody) (claimtrail_ready)", told)


@pytest.mark.parametrize("panel", PANELS, ids=lambda panel: panel["title"])
def test_a_panel_asks_for_what_is_told(panel: dict[str, Any], told: dict[str, set[str]]) -> None:
    uids = {source["uid"] for source in SOURCES}
    for target in panel["targets"]:
        assert target["datasource"]["uid"] in uids
        check_query(target["expr"], told)


@ALERTS
def test_an_alert_has_its_section_in_the_guide(rule: dict[str, Any]) -> None:
    name = rule["alert"]
    assert rule["annotations"]["guide"] == f"docs/operators.md#{name.lower()}"
    assert rule["labels"]["severity"] in ("page", "ticket")
    section = re.search(rf"^### {name}\n(.+?)(?=^##|\Z)", GUIDE.read_text(), re.MULTILINE | re.DOTALL)
    assert section, f"no section {name}"
    for part in ("**Means.**", "**Look at.**", "**Do.**"):
        assert part in section[1]


def test_the_guide_has_no_alert_that_is_none() -> None:
    part = GUIDE.read_text().partition("\n## Alerts\n")[2].partition("\n## ")[0]
    assert re.findall(r"^### (\w+)$", part, re.MULTILINE) == [rule["alert"] for rule in RULES]


def test_the_guide_explains_every_metric(told: dict[str, set[str]]) -> None:
    rows = set(re.findall(r"^\| `(\w+)` \|", GUIDE.read_text(), re.MULTILINE))
    ours = {name for name in told if name.startswith(("claimtrail_", "http_server_"))}
    shown = {re.sub("_(bucket|sum|count)$", "", name) for name in ours if not name.endswith("_created")}
    assert shown - rows == set()
    assert rows - shown == set()


def test_every_metric_of_the_code_is_told(told: dict[str, set[str]]) -> None:
    for constant, name in vars(names).items():
        if constant.startswith("METRIC_"):
            assert any(each.startswith(name.replace(".", "_")) for each in told), name


def test_every_copy_of_every_process_is_scraped() -> None:
    (ours,) = [job for job in PROMETHEUS["scrape_configs"] if job["job_name"] == "claimtrail"]
    (found,) = ours["dns_sd_configs"]
    assert set(found["names"]) == set(served())
    assert found["port"] == PORT
    assert PROMETHEUS["rule_files"] == ["alerts.yml"]
    (down,) = [rule["expr"] for rule in RULES if rule["alert"] == "ProcessDown"]
    assert set(re.findall(r'absent\(up\{job="claimtrail", service="([\w-]+)"\}\)', down)) == set(served())


def test_the_collector_uses_what_it_defines() -> None:
    pipelines = COLLECTOR["service"]["pipelines"]
    for kind in ("receivers", "processors", "exporters"):
        assert {name for each in pipelines.values() for name in each[kind]} == set(COLLECTOR[kind])
    assert set(COLLECTOR["service"]["extensions"]) == set(COLLECTOR["extensions"])
    sent = SERVICES["relay"]["environment"]["OTEL_EXPORTER_OTLP_ENDPOINT"].rpartition(":")[2]
    assert COLLECTOR["receivers"]["otlp"]["protocols"]["http"]["endpoint"].rpartition(":")[2] == sent
    assert COLLECTOR["exporters"]["otlp_grpc"]["endpoint"].partition(":")[0] in SERVICES


def test_grafana_finds_its_sources_and_dashboards() -> None:
    assert {source["url"].split("/")[2].partition(":")[0] for source in SOURCES} <= set(SERVICES)
    mounted = dict(volume.split(":")[:2] for volume in SERVICES["grafana"]["volumes"])
    for source, target in mounted.items():
        assert (ROOT / source).is_dir()
        if source.endswith("dashboards"):
            provider = yaml.safe_load((OBSERVABILITY / "grafana/provisioning/dashboards/claimtrail.yml").read_text())
            assert provider["providers"][0]["options"]["path"] == target
    assert len({panel["id"] for panel in DASHBOARD["panels"]}) == len(DASHBOARD["panels"])


@pytest.mark.skipif(shutil.which("promtool") is None, reason="promtool is not installed")
@pytest.mark.parametrize(
    "words",
    [
        ("check", "config", str(OBSERVABILITY / "prometheus.yml")),
        ("test", "rules", str(Path(__file__).with_name("alerts_test.yml"))),
    ],
    ids=lambda words: " ".join(words[:2]),
)
def test_promtool_agrees(words: tuple[str, ...]) -> None:
    ended = subprocess.run(["promtool", *words], capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stdout + ended.stderr
