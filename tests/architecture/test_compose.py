"""compose.yaml tells the services what their settings ask for; nobody finds out only when Docker starts."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from sqlalchemy import make_url

import authors_service.settings
import books_service.settings
from accord.settings import ServiceSettings, load

ROOT = Path(__file__).parents[2]
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "compose.yaml").read_text())
SETTINGS: dict[str, type[ServiceSettings]] = {
    "authors": authors_service.settings.Settings,
    "books": books_service.settings.Settings,
}


def environment(service: str) -> dict[str, str]:
    """The service's variables, with the defaults that compose puts where the shell sets nothing."""
    variables = COMPOSE["services"][service]["environment"]
    return {name: re.sub(r"\$\{\w+:-(\w+)\}", r"\1", str(value)) for name, value in variables.items()}


@pytest.mark.parametrize("service", SETTINGS)
def test_every_variable_is_a_setting_and_no_required_one_is_missing(
    service: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    kind = SETTINGS[service]
    known = {f"{service}_{field}".upper() for field in kind.model_fields}
    variables = environment(service)
    assert set(variables) <= known
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    settings: Any = load(kind)
    assert settings.kafka_bootstrap_servers == variables[f"{service.upper()}_KAFKA_BOOTSTRAP_SERVERS"]


@pytest.mark.parametrize("service", SETTINGS)
def test_the_published_port_is_the_one_the_service_listens_on(service: str) -> None:
    port = environment(service)[f"{service.upper()}_PORT"]
    assert COMPOSE["services"][service]["ports"] == [f"127.0.0.1:{port}:{port}"]
    assert f"EXPOSE {port}" in (ROOT / f"{service}_service" / "Dockerfile").read_text()


@pytest.mark.parametrize("service", SETTINGS)
def test_the_database_and_the_broker_are_services_of_the_same_file(service: str) -> None:
    variables = environment(service)
    url = make_url(variables[f"{service.upper()}_DATABASE_URL"])
    postgres, kafka = COMPOSE["services"]["postgres"], COMPOSE["services"]["kafka"]
    databases = {postgres["environment"]["POSTGRES_DB"]} | set(
        re.findall(r"CREATE DATABASE (\w+)", COMPOSE["configs"]["create-books-db"]["content"])
    )
    assert url.host == "postgres"
    assert url.username == postgres["environment"]["POSTGRES_USER"]
    assert url.database in databases
    advertised = re.findall(r"INTERNAL://([\w:]+)", kafka["environment"]["KAFKA_ADVERTISED_LISTENERS"])
    assert [variables[f"{service.upper()}_KAFKA_BOOTSTRAP_SERVERS"]] == advertised


@pytest.mark.parametrize("service", SETTINGS)
def test_the_image_runs_as_nobody_special_and_says_when_it_is_ready(service: str) -> None:
    dockerfile = (ROOT / COMPOSE["services"][service]["build"]["dockerfile"]).read_text()
    assert re.search(r"^FROM python:3\.1[1-3]-slim", dockerfile, re.MULTILINE)
    assert re.search(r"^USER [1-9]\d*:[1-9]\d*$", dockerfile, re.MULTILINE)
    assert "HEALTHCHECK" in dockerfile
    assert "/health/ready" in dockerfile
