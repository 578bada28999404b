"""Settings that name the variable when something is wrong, and never show a secret."""

from typing import Annotated

import pytest
from pydantic import AfterValidator, Field, SecretStr, ValidationError
from pydantic_settings import SettingsConfigDict

from accord.settings import ServiceSettings, SettingsError, load


def _no_spaces(value: str) -> str:
    if " " in value:
        raise ValueError(f"{value!r} holds a space")
    return value


class Settings(ServiceSettings):
    model_config = SettingsConfigDict(env_prefix="SHOP_")

    database_url: SecretStr = Field(description="where the database is")
    token: Annotated[str, AfterValidator(_no_spaces)] = "none"
    port: int = Field(8000, ge=1, le=65535, description="the port to listen on")
    origins: list[str] = Field(default_factory=list)


@pytest.fixture(autouse=True)
def _database(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SHOP_DATABASE_URL", "postgresql://shop:hunter2@db/shop")


def test_settings_come_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SHOP_PORT", "9000")
    monkeypatch.setenv("SHOP_ORIGINS", '["a", "b"]')
    settings = load(Settings)
    assert (settings.port, settings.origins) == (9000, ["a", "b"])
    assert settings.database_url.get_secret_value() == "postgresql://shop:hunter2@db/shop"


def test_settings_are_frozen() -> None:
    with pytest.raises(ValidationError, match="frozen"):
        load(Settings).port = 1  # type: ignore[misc]


def test_settings_do_not_show_their_secrets() -> None:
    assert "hunter2" not in repr(load(Settings))


def test_a_missing_variable_is_named_with_its_meaning(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SHOP_DATABASE_URL")
    with pytest.raises(SettingsError) as caught:
        load(Settings)
    assert str(caught.value) == (
        "SHOP_DATABASE_URL is not set; set it in the environment (where the database is)."
    )


def test_an_empty_variable_counts_as_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SHOP_DATABASE_URL", "")
    monkeypatch.setenv("SHOP_PORT", "")
    with pytest.raises(SettingsError, match=r"^SHOP_DATABASE_URL is not set"):
        load(Settings)


def test_a_malformed_variable_is_named_with_what_is_wrong(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SHOP_PORT", "80 80")
    with pytest.raises(SettingsError) as caught:
        load(Settings)
    assert str(caught.value) == (
        "SHOP_PORT is malformed: Input should be a valid integer, unable to parse string as an integer; "
        "correct it in the environment (the port to listen on)."
    )


def test_a_number_out_of_range_is_told_the_range(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SHOP_PORT", "65536")
    with pytest.raises(
        SettingsError, match="SHOP_PORT is malformed: Input should be less than or equal to 65535;"
    ):
        load(Settings)


def test_every_bad_variable_gets_its_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SHOP_DATABASE_URL")
    monkeypatch.setenv("SHOP_PORT", "0")
    with pytest.raises(SettingsError) as caught:
        load(Settings)
    assert [line.split()[0] for line in str(caught.value).splitlines()] == ["SHOP_DATABASE_URL", "SHOP_PORT"]


def test_a_validator_that_repeats_the_value_does_not_leak_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("shop_token", "hun ter2")
    with pytest.raises(SettingsError) as caught:
        load(Settings)
    assert str(caught.value) == (
        "SHOP_TOKEN is malformed: 'the value' holds a space; correct it in the environment."
    )


def test_a_list_that_is_no_json_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SHOP_ORIGINS", "a,b")
    with pytest.raises(SettingsError, match=r"^SHOP_ORIGINS is no JSON"):
        load(Settings)
