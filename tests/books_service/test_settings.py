"""What the environment may say, and what is said about it where it is wrong."""

from pathlib import Path

import pytest
from click.testing import CliRunner
from pydantic import ValidationError

from accord.settings import SettingsError, load
from accord.testing.postgres import EmbeddedPostgres
from books_service.api.routes import BooksRoutes
from books_service.commands import cli
from books_service.settings import Settings
from scripts.bench.http.database import tell

REQUIRED = {
    "BOOKS_DATABASE_URL": "postgresql+asyncpg://accord:hunter2@db.example:5432/books_db",
    "BOOKS_KAFKA_BOOTSTRAP_SERVERS": "kafka-1:9092, kafka-2:9092",
}


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    for name in Settings.model_fields:
        monkeypatch.delenv(f"BOOKS_{name.upper()}", raising=False)
    for name, value in REQUIRED.items():
        monkeypatch.setenv(name, value)
    return monkeypatch


def test_what_is_not_set_has_its_default() -> None:
    settings = load(Settings)
    assert (settings.host, settings.port, settings.log_level) == ("127.0.0.1", 8002, "info")
    assert (settings.consumer_group, settings.dead_letter_topic) == (
        "books-service",
        "books-service.dead-letters",
    )
    assert (settings.specs_dir / "books.asyncapi.yaml").is_file()


def test_what_is_set_is_taken(environment: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "books.openapi.yaml").touch()
    environment.setenv("BOOKS_LOG_LEVEL", "WARNING")
    environment.setenv("BOOKS_PORT", "0")
    environment.setenv("BOOKS_SESSION_TIMEOUT", "45")
    environment.setenv("BOOKS_SPECS_DIR", str(tmp_path))
    settings = load(Settings)
    assert (settings.log_level, settings.port, settings.session_timeout) == ("warning", 0, 45.0)
    assert settings.specs_dir == tmp_path.resolve()


def test_a_url_without_a_driver_gets_the_one_that_is_here(environment: pytest.MonkeyPatch) -> None:
    environment.setenv("BOOKS_DATABASE_URL", "postgresql://accord@db/books_db")
    assert load(Settings).database_url.get_secret_value() == "postgresql+asyncpg://accord@db/books_db"


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
        ("BOOKS_DATABASE_URL", "hunter2"),
        ("BOOKS_DATABASE_URL", "mysql://accord:hunter2@db/books_db"),
        ("BOOKS_DATABASE_URL", "postgresql://accord:hunter2@db"),
        ("BOOKS_DATABASE_URL", "postgresql://accord:hunter2@db:port/books_db"),
        ("BOOKS_DATABASE_POOL_SIZE", "0"),
        ("BOOKS_KAFKA_BOOTSTRAP_SERVERS", "kafka"),
        ("BOOKS_KAFKA_BOOTSTRAP_SERVERS", "kafka:9092,"),
        ("BOOKS_DEAD_LETTER_TOPIC", "dead letters"),
        ("BOOKS_SESSION_TIMEOUT", "soon"),
        ("BOOKS_SHUTDOWN_TIMEOUT", "0"),
        ("BOOKS_TOMBSTONE_RETENTION", "0"),
        ("BOOKS_PORT", "65536"),
        ("BOOKS_MAX_BODY_BYTES", "1 MB"),
        ("BOOKS_LOG_LEVEL", "loud"),
        ("BOOKS_SPECS_DIR", "/nowhere"),
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
    environment.setenv("BOOKS_DATABASE_URL", "postgresql://accord:hunter2@127.0.0.1:1/books_db")
    outcome = CliRunner().invoke(cli, command)
    assert outcome.exit_code == 1
    assert "the database is away" in outcome.stderr
    assert "hunter2" not in outcome.output


def test_nothing_is_served_where_the_migration_fails(
    environment: pytest.MonkeyPatch, postgres: EmbeddedPostgres
) -> None:
    url = postgres.create_database("books_of_the_future")
    tell(url, "CREATE TABLE alembic_version AS SELECT '9999' AS version_num")
    environment.setenv("BOOKS_DATABASE_URL", url)
    assert CliRunner().invoke(cli, ["serve", "--migrate"]).exit_code == 1


def test_help_names_the_commands_and_needs_no_settings(environment: pytest.MonkeyPatch) -> None:
    environment.delenv("BOOKS_DATABASE_URL")
    outcome = CliRunner().invoke(cli, ["--help"])
    assert outcome.exit_code == 0
    assert "serve" in outcome.output
    assert "migrate" in outcome.output


def test_a_forgotten_operation_stops_the_start_in_a_sentence(environment: pytest.MonkeyPatch) -> None:
    environment.delattr(BooksRoutes, "create_book")
    environment.setattr(BooksRoutes, "__abstractmethods__", frozenset({"create_book"}))
    outcome = CliRunner().invoke(cli, ["serve"])
    assert outcome.exit_code == 2
    assert outcome.stderr.splitlines() == [
        "Error: BooksRoutes does not implement operation createBook (method create_book)"
    ]
