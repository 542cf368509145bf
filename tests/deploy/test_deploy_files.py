"""What is shipped for running pvo, judged by the field's own tools where they are at hand."""

import json
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from prometheus_client import REGISTRY
from prometheus_client.metrics_core import Metric

import bot.metrics.meters

DEPLOY = Path(__file__).parent.parent.parent / "deploy"
METERS = bot.metrics.meters.__name__


def run(*command: object) -> str:
    """The output of a tool of the virtual environment or of the machine; the test is skipped without it."""
    name, *rest = map(str, command)
    found = shutil.which(name, path=str(Path(sys.executable).parent)) or shutil.which(name)
    if found is None:
        pytest.skip(f"this machine has no {name}")
    done = subprocess.run([found, *rest], capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


def documents(path: Path) -> list[Any]:
    return list(yaml.safe_load_all(path.read_text()))


def test_the_dockerfile_passes_hadolint_and_runs_as_nobody_special() -> None:
    run("hadolint", DEPLOY / "Dockerfile")
    text = (DEPLOY / "Dockerfile").read_text()
    assert re.search(r"^USER 10001", text, re.MULTILINE)
    assert "--require-hashes -r requirements.lock" in text
    assert "HEALTHCHECK" in text


def test_the_image_gets_every_file_that_it_copies() -> None:
    """`.dockerignore` lets in what the Dockerfile names, and nothing that may hold a secret."""
    kept = re.findall(r"^!(.+)", (DEPLOY.parent / ".dockerignore").read_text(), re.MULTILINE)
    copied = re.findall(r"^COPY (?!--from)(.+) \S+$", (DEPLOY / "Dockerfile").read_text(), re.MULTILINE)
    assert sorted(kept) == sorted(name for line in copied for name in line.split())
    assert all((DEPLOY.parent / name).exists() for name in kept)


def test_compose_obeys_its_schema() -> None:
    run("check-jsonschema", "--builtin-schema", "vendor.compose-spec", DEPLOY / "compose.yaml")
    services = yaml.safe_load((DEPLOY / "compose.yaml").read_text())["services"]
    assert set(services) == {"app", "worker", "redis"}
    assert "--appendonly" in services["redis"]["command"]
    assert not [name for name in services["worker"]["environment"] if name.startswith("SLACK_")]


def manifests() -> list[Path]:
    named = yaml.safe_load((DEPLOY / "kubernetes" / "kustomization.yaml").read_text())["resources"]
    assert set(named) == {path.name for path in (DEPLOY / "kubernetes").iterdir()} - {"kustomization.yaml"}
    return [DEPLOY / "kubernetes" / name for name in named]


def test_the_kubernetes_manifests_obey_their_schemas() -> None:
    run("kubernetes-validate", "--strict", *manifests())


def test_the_kubernetes_manifests_fit_together() -> None:
    found = {(one["kind"], one["metadata"]["name"]): one for path in manifests() for one in documents(path)}
    for name in ("app", "worker"):
        workload = found["Deployment", f"pvo-{name}"]["spec"]
        labels = workload["template"]["metadata"]["labels"]
        budget = found["PodDisruptionBudget", f"pvo-{name}"]["spec"]
        assert workload["selector"]["matchLabels"] == labels == budget["selector"]["matchLabels"]
        assert workload["replicas"] == 2 > budget["minAvailable"]
        (container,) = workload["template"]["spec"]["containers"]
        assert {"startupProbe", "livenessProbe", "readinessProbe"} <= set(container)
        given = {entry["name"] for entry in container["env"]}
        assert ("SLACK_BOT_TOKEN" in given) == (name == "app")
        assert all("value" not in entry for entry in container["env"] if entry["name"] != "REDIS_URL")
    assert ("Service", "pvo-redis") in found


@pytest.mark.parametrize("unit", ["pvo-app.service", "pvo-worker.service"])
def test_systemd_knows_every_word_of_a_unit(tmp_path: Path, unit: str) -> None:
    text = (DEPLOY / "systemd" / unit).read_text()
    installed = re.sub(r"^ExecStart=\S+", f"ExecStart={shutil.which('true')}", text, flags=re.MULTILINE)
    (tmp_path / unit).write_text(installed)
    assert run("systemd-analyze", "verify", tmp_path / unit).strip() == ""
    run("systemd-analyze", "security", "--offline=true", "--threshold=20", tmp_path / unit)


# --- metrics ------------------------------------------------------------------------------------------------


def samples(metric: Metric) -> Iterator[str]:
    match metric.type:
        case "counter":
            yield f"{metric.name}_total"
        case "histogram":
            yield from (f"{metric.name}_{part}" for part in ("bucket", "count", "sum"))
        case _:
            yield metric.name


def existing() -> set[str]:
    return {name for metric in REGISTRY.collect() for name in samples(metric) if name.startswith("pvo_")}


def used(expression: str) -> set[str]:
    return set(re.findall(r"\bpvo_\w+", expression))


def expressions() -> list[tuple[str, str]]:
    panels = json.loads((DEPLOY / "grafana" / "pvo.json").read_text())["panels"]
    (group,) = yaml.safe_load((DEPLOY / "prometheus" / "alerts.yaml").read_text())["groups"]
    shown = [(panel["title"], target["expr"]) for panel in panels for target in panel["targets"]]
    return shown + [(rule["alert"], rule["expr"]) for rule in group["rules"]]


@pytest.mark.parametrize(("name", "expression"), expressions(), ids=lambda value: value)
def test_what_is_drawn_or_alerted_on_exists(name: str, expression: str) -> None:
    assert used(expression), name
    assert used(expression) <= existing()


def test_every_metric_is_drawn_or_alerted_on() -> None:
    everywhere = {name for _, expression in expressions() for name in used(expression)}
    unseen = {
        metric.name
        for metric in REGISTRY.collect()
        if metric.name.startswith("pvo_") and not everywhere & set(samples(metric))
    }
    assert unseen == set()


def test_every_alert_says_what_it_means() -> None:
    (group,) = yaml.safe_load((DEPLOY / "prometheus" / "alerts.yaml").read_text())["groups"]
    for rule in group["rules"]:
        assert rule["labels"]["severity"] in ("critical", "warning")
        assert rule["annotations"]["summary"]


def test_promtool_takes_the_alerts() -> None:
    run("promtool", "check", "rules", DEPLOY / "prometheus" / "alerts.yaml")
