"""Settings of a service, read from the environment, and what to say where one is wrong."""

import os
from typing import Any, TypeVar

from pydantic import ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict
from pydantic_settings.exceptions import SettingsError as UnreadableSetting

from accord.observability import redact

__all__ = ["ServiceSettings", "SettingsError", "load"]

S = TypeVar("S", bound=BaseSettings)


class SettingsError(Exception):
    """A variable is missing or malformed; the text names it and the remedy, and shows no value."""


class ServiceSettings(BaseSettings):
    """Frozen settings; a subclass sets ``env_prefix``. A variable that is set but empty counts as not set."""

    model_config = SettingsConfigDict(
        frozen=True, extra="ignore", env_ignore_empty=True, hide_input_in_errors=True
    )


def load(cls: type[S]) -> S:
    """Read the settings; raises `SettingsError` with one sentence per bad variable."""
    try:
        return cls()
    except ValidationError as error:
        found = error.errors(include_url=False, include_context=False)
        raise SettingsError("\n".join(_sentence(cls, dict(item)) for item in found)) from None
    except UnreadableSetting as error:
        # What pydantic-settings says of a list or an object that is no JSON; it names the field alone.
        for name in cls.model_fields:
            if f'"{name}"' in str(error):
                raise SettingsError(
                    f'{_variable(cls, name)} is no JSON; write lists as ["a", "b"].'
                ) from None
        raise SettingsError(str(error)) from None


def _sentence(cls: type[BaseSettings], item: dict[str, Any]) -> str:
    name = str(item["loc"][0]) if item["loc"] else ""
    field = cls.model_fields.get(name)
    meaning = f" ({field.description})" if field and field.description else ""
    if not name:
        return f"The settings contradict each other: {_without(item['msg'], None)}."
    variable = _variable(cls, name)
    if item["type"] == "missing":
        return f"{variable} is not set; set it in the environment{meaning}."
    # pydantic's own sentences never repeat the value; what a service's validators say may.
    own = item["type"] in ("value_error", "assertion_error")
    value = next((os.environ[name] for name in os.environ if name.upper() == variable), None) if own else None
    return f"{variable} is malformed: {_without(item['msg'], value)}; correct it in the environment{meaning}."


def _variable(cls: type[BaseSettings], name: str) -> str:
    field = cls.model_fields.get(name)
    alias = field.validation_alias if field else None
    return alias if isinstance(alias, str) else f"{cls.model_config.get('env_prefix', '')}{name}".upper()


def _without(message: str, value: str | None) -> str:
    """Take the value out of what a validator says of it, since it may be a password."""
    if value:
        message = message.replace(value, "the value")
    return redact(message.removeprefix("Value error, ").removeprefix("Assertion failed, ").rstrip("."))
