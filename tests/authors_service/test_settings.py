"""What the environment may say, and what is said about it where it is wrong."""

from pathlib import Path

import pytest
from click.testing import CliRunner
from pydantic import ValidationError

from accord.settings import SettingsError, load
from accord.testing.postgres import EmbeddedPostgres
from authors_service.api.routes import AuthorsRoutes
from authors_service.commands import cli
from authors_service.settings import Settings
from scripts.bench.http.database import tell

REQUIRED = {
    "AUTHORS_DATABASE_URL": "postgresql+asyncpg://accord:hunter2@db.example:5432/authors_db",
    "AUTHORS_KAFKA_BOOTSTRAP_SERVERS": "kafka-1:9092, kafka-2:9092",
}


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    for name in Settings.model_fields:
        monkeypatch.delenv(f"AUTHORS_{name.upper()}", raising=False)
    for name, value in REQUIRED.items():
        monkeypatch.setenv(name, value)
    return monkeypatch


def test_what_is_not_set_has_its_default() -> None:
    settings = load(Settings)
    assert (settings.host, settings.port, settings.log_level) == ("127.0.0.1", 8001, "info")
    assert (settings.consumer_group, settings.dead_letter_topic) == (
        "authors-service",
        "authors-service.dead-letters",
    )
    assert (settings.specs_dir / "authors.asyncapi.yaml").is_file()


def test_what_is_set_is_taken(environment: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "authors.openapi.yaml").touch()
    environment.setenv("AUTHORS_LOG_LEVEL", "WARNING")
    environment.setenv("AUTHORS_PORT", "0")
    environment.setenv("AUTHORS_SESSION_TIMEOUT", "45")
    environment.setenv("AUTHORS_SPECS_DIR", str(tmp_path))
    settings = load(Settings)
    assert (settings.log_level, settings.port, settings.session_timeout) == ("warning", 0, 45.0)
    assert settings.specs_dir == tmp_path.resolve()


def test_a_url_without_a_driver_gets_the_one_that_is_here(environment: pytest.MonkeyPatch) -> None:
    environment.setenv("AUTHORS_DATABASE_URL", "postgresql://accord@db/authors_db")
    assert load(Settings).database_url.get_secret_value() == "postgresql+asyncpg://accord@db/authors_db"


def test_settings_do_not_change_and_show_no_password() -> None:
    settings = load(Settings)
    with pytest.raises(ValidationError):
        settings.port = 1  # type: ignore[misc]
    assert "hunter2" not in repr(settings) + str(settings) + settings.model_dump_json()
    assert "hunter2" in settings.database_url.get_secret_value()


@pytest.mark.parametrize("name", sorted(REQUIRED))
@pytest.mark.parametrize("value", [None, ""])
def test_a_missing_one_is_named(environment: pytest.MonkeyPatch, name: str, value: str | None) -> None:
    if value is None:
        environment.delenv(name)
    else:
        environment.setenv(name, value)
    with pytest.raises(SettingsError, match=f"^{name} is not set"):
        load(Settings)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("AUTHORS_DATABASE_URL", "hunter2"),
        ("AUTHORS_DATABASE_URL", "mysql://accord:hunter2@db/authors_db"),
        ("AUTHORS_DATABASE_URL", "postgresql://accord:hunter2@db"),
        ("AUTHORS_DATABASE_URL", "postgresql://accord:hunter2@db:port/authors_db"),
        ("AUTHORS_DATABASE_POOL_SIZE", "0"),
        ("AUTHORS_KAFKA_BOOTSTRAP_SERVERS", "kafka"),
        ("AUTHORS_KAFKA_BOOTSTRAP_SERVERS", "kafka:9092,"),
        ("AUTHORS_DEAD_LETTER_TOPIC", "dead letters"),
        ("AUTHORS_SESSION_TIMEOUT", "soon"),
        ("AUTHORS_SHUTDOWN_TIMEOUT", "0"),
        ("AUTHORS_TOMBSTONE_RETENTION", "0"),
        ("AUTHORS_PORT", "65536"),
        ("AUTHORS_MAX_BODY_BYTES", "1 MB"),
        ("AUTHORS_LOG_LEVEL", "loud"),
        ("AUTHORS_SPECS_DIR", "/nowhere"),
    ],
)
def test_a_malformed_one_stops_the_start_with_a_sentence_that_names_it(
    environment: pytest.MonkeyPatch, name: str, value: str
) -> None:
    environment.setenv(name, value)
    for command in ("serve", "migrate"):
        outcome = CliRunner().invoke(cli, [command])
        assert outcome.exit_code == 2
        assert f"{name} is malformed" in outcome.stderr
        assert "hunter2" not in outcome.output


@pytest.mark.parametrize("command", [["migrate"], ["serve", "--migrate"]])
def test_a_migration_of_a_database_that_is_away_says_so(
    environment: pytest.MonkeyPatch, command: list[str]
) -> None:
    environment.setenv("AUTHORS_DATABASE_URL", "postgresql://accord:hunter2@127.0.0.1:1/authors_db")
    outcome = CliRunner().invoke(cli, command)
    assert outcome.exit_code == 1
    assert "the database is away" in outcome.stderr
    assert "hunter2" not in outcome.output


def test_nothing_is_served_where_the_migration_fails(
    environment: pytest.MonkeyPatch, postgres: EmbeddedPostgres
) -> None:
    url = postgres.create_database("authors_of_the_future")
    tell(url, "CREATE TABLE alembic_version AS SELECT '9999' AS version_num")
    environment.setenv("AUTHORS_DATABASE_URL", url)
    assert CliRunner().invoke(cli, ["serve", "--migrate"]).exit_code == 1


def test_help_names_the_commands_and_needs_no_settings(environment: pytest.MonkeyPatch) -> None:
    environment.delenv("AUTHORS_DATABASE_URL")
    outcome = CliRunner().invoke(cli, ["--help"])
    assert outcome.exit_code == 0
    assert "serve" in outcome.output
    assert "migrate" in outcome.output


def test_a_forgotten_operation_stops_the_start_in_a_sentence(environment: pytest.MonkeyPatch) -> None:
    environment.delattr(AuthorsRoutes, "create_author")
    environment.setattr(AuthorsRoutes, "__abstractmethods__", frozenset({"create_author"}))
    outcome = CliRunner().invoke(cli, ["serve"])
    assert outcome.exit_code == 2
    assert outcome.stderr.splitlines() == [
        "Error: AuthorsRoutes does not implement operation createAuthor (method create_author)"
    ]
