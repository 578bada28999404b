"""What the Books Service is told by its environment."""

from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, BeforeValidator, Field, SecretStr
from pydantic_settings import SettingsConfigDict

from accord.settings import ServiceSettings

__all__ = ["Settings"]

_DRIVER = "postgresql+asyncpg"


def _database_url(secret: SecretStr) -> SecretStr:
    try:
        url = urlsplit(secret.get_secret_value())
        _ = url.port
    except ValueError:
        raise ValueError(f"it is no URL of the form {_DRIVER}://user:password@host:port/database") from None
    if url.scheme not in ("postgresql", _DRIVER) or not url.path.strip("/"):
        raise ValueError(f"it must begin with {_DRIVER}:// and end with the name of a database")
    return SecretStr(url._replace(scheme=_DRIVER).geturl())


def _bootstrap_servers(text: str) -> str:
    for server in text.split(","):
        host, _, port = server.strip().rpartition(":")
        if not host or not port.isdecimal():
            raise ValueError("it must be host:port, or several of them with commas between")
    return text


def _specs_dir(path: Path) -> Path:
    if not (path / "books.openapi.yaml").is_file():
        raise ValueError("it holds no books.openapi.yaml")
    return path.resolve()


def _lower(value: object) -> object:
    return value.lower() if isinstance(value, str) else value


class Settings(ServiceSettings):
    """Frozen; read with `accord.settings.load`."""

    model_config = SettingsConfigDict(env_prefix="BOOKS_")

    database_url: Annotated[SecretStr, AfterValidator(_database_url)] = Field(
        description="where books_db is; never logged"
    )
    database_pool_size: int = Field(16, ge=1, le=500, description="connections for requests and events")
    kafka_bootstrap_servers: Annotated[str, AfterValidator(_bootstrap_servers)] = Field(
        description="brokers to begin with, as host:port"
    )
    consumer_group: str = Field(
        "books-service", min_length=1, max_length=200, description="whose offsets are committed"
    )
    dead_letter_topic: str = Field(
        "books-service.dead-letters",
        pattern=r"^[A-Za-z0-9._-]{1,249}$",
        description="where records go that no retry can help",
    )
    session_timeout: float = Field(
        6.0, ge=1, le=300, description="seconds until the broker gives up a consumer that keeps silent"
    )
    shutdown_timeout: float = Field(
        20.0,
        ge=1,
        le=3600,
        description="seconds from SIGTERM to the end, shared by all that is to finish",
    )
    tombstone_retention: float = Field(
        30.0,
        ge=1,
        le=36500,
        description="days that tombstones are kept; longer than the other side, or Kafka, is ever away",
    )
    host: str = Field("127.0.0.1", min_length=1, description="the address to listen on")
    port: int = Field(8002, ge=0, le=65535, description="the port to listen on; 0 takes a free one")
    max_body_bytes: int = Field(1_048_576, ge=1, description="the largest body that is read")
    log_level: Annotated[
        Literal["debug", "info", "warning", "error", "critical"], BeforeValidator(_lower)
    ] = Field("info", description="the least level that is logged")
    specs_dir: Annotated[Path, AfterValidator(_specs_dir)] = Field(
        Path(__file__).parents[1] / "specs", description="the folder of the contracts that are served"
    )
