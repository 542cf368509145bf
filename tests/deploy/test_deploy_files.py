"""What is shipped for running pvo, judged by the field's own tools where they are at hand."""

import json
import os
import re
import shutil
import subprocess
import sys
import time
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import redis
import yaml
from prometheus_client import REGISTRY
from prometheus_client.metrics_core import Metric

import bot.metrics.meters
from bot.lab.children import spawn, stop
from bot.lab.redis import find_server

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
    assert "--require-hashes -r requirements-build.lock" in text
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
    assert "--appendonly" in services["redis"]["command"][-1]
    assert all(
        ":${REDIS_PASSWORD:?" in services[name]["environment"]["REDIS_URL"] for name in ("app", "worker")
    )
    assert services["redis"]["networks"] == ["redis"]
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
        assert "redis://:$(REDIS_PASSWORD)@" in str(container["env"])
        assert all("value" not in entry for entry in container["env"] if entry["name"] != "REDIS_URL")
    assert ("Service", "pvo-redis") in found


def policies() -> dict[str, Any]:
    """The specification of each network policy, by the component that it is about."""
    found = [one for path in manifests() for one in documents(path) if one["kind"] == "NetworkPolicy"]
    return {
        one["spec"]["podSelector"]["matchLabels"]["app.kubernetes.io/component"]: one["spec"] for one in found
    }


def ports(rules: list[Any]) -> set[int]:
    return {entry["port"] for rule in rules for entry in rule["ports"]}


def test_every_component_reaches_and_is_reached_by_no_more_than_it_needs() -> None:
    assert set(policies()) == {"app", "worker", "redis"}
    assert all(spec["policyTypes"] == ["Ingress", "Egress"] for spec in policies().values())
    assert all(rule["from"] for spec in policies().values() for rule in spec["ingress"])
    reached = {name: (ports(spec["ingress"]), ports(spec["egress"])) for name, spec in policies().items()}
    assert reached == {
        "app": ({9464}, {53, 443, 6379}),
        "worker": ({9464}, {22, 53, 6379, 7025}),
        "redis": ({6379}, set()),
    }


def compose_redis() -> list[str]:
    services = yaml.safe_load((DEPLOY / "compose.yaml").read_text())["services"]
    return [word.replace("$$", "$") for word in services["redis"]["command"]]


def kubernetes_redis() -> list[str]:
    (spec,) = (one["spec"] for path in manifests() for one in documents(path) if one["kind"] == "StatefulSet")
    return list(spec["template"]["spec"]["containers"][0]["command"])


@pytest.mark.parametrize("command", [compose_redis(), kubernetes_redis()], ids=["compose", "kubernetes"])
def test_redis_as_it_is_started_there_wants_the_password(command: list[str], tmp_path: Path) -> None:
    server, place = tmp_path / "valkey-server", tmp_path / "redis.sock"
    options = f"--port 0 --unixsocket {place} --dir {tmp_path}"
    server.write_text(f'#!/bin/sh\nexec {find_server()} "$@" {options}\n')
    server.chmod(0o755)
    environment = {"PATH": f"{tmp_path}{os.pathsep}{os.defpath}", "REDISCLI_AUTH": "hunter2"}
    running = spawn(command, env=environment)
    try:
        with redis.Redis(unix_socket_path=str(place), password="hunter2") as client:
            await_answer(client, running)
            assert client.config_get("maxmemory-policy") == {"maxmemory-policy": "noeviction"}
            assert client.config_get("appendonly") == {"appendonly": "yes"}
        with redis.Redis(unix_socket_path=str(place)) as stranger, pytest.raises(redis.AuthenticationError):
            stranger.ping()
    finally:
        stop(running)


def await_answer(client: redis.Redis, running: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + 30
    while True:
        try:
            client.ping()
        except redis.ConnectionError:
            assert running.poll() is None
            assert time.monotonic() < deadline
            time.sleep(0.02)
        else:
            return


@pytest.mark.parametrize("lock", ["requirements.lock", "requirements-dev.lock", "requirements-build.lock"])
def test_every_package_is_pinned_with_its_hashes(lock: str) -> None:
    text = (DEPLOY.parent / lock).read_text()
    packages = re.split(r"^(?=[a-z0-9])", text, flags=re.MULTILINE)[1:]
    assert packages
    assert all(re.match(r"\S+==\S+ ", package) and "--hash=sha256:" in package for package in packages)


@pytest.mark.parametrize("file", ["bootstrap.sh", "Dockerfile"])
def test_nothing_is_installed_without_a_hash_or_built_with_what_has_none(file: str) -> None:
    text = re.sub(r"\\\n", " ", (DEPLOY / file).read_text())
    installs = re.findall(r"pip (?:install|wheel)(.*?)(?:&&|\|\||\n|;)", text)
    assert len(installs) >= 3
    for words in installs:
        assert "--require-hashes" in words or "--no-build-isolation" in words or "--no-index" in words, words
    assert "requirements-build.lock" in text


def test_the_build_lock_holds_what_the_project_is_built_with() -> None:
    required = tomllib.loads((DEPLOY.parent / "pyproject.toml").read_text())["build-system"]["requires"]
    pinned = (DEPLOY.parent / "requirements-build.lock").read_text()
    for name in [*(re.split(r"\W", one)[0] for one in required), "uv"]:
        assert re.search(rf"^{name}==", pinned, re.MULTILINE)


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
