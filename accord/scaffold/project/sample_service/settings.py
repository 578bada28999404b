"""What the service is told by its environment."""

from pathlib import Path

from accord.settings import ServiceSettings
from pydantic import Field, SecretStr
from pydantic_settings import SettingsConfigDict

__all__ = ["Settings"]


class Settings(ServiceSettings):
    """Frozen; read with `accord.settings.load`."""

    model_config = SettingsConfigDict(env_prefix="SAMPLE_")

    database_url: SecretStr = Field(description="postgresql+asyncpg://user:password@host:port/database")
    kafka_bootstrap_servers: str = Field(description="brokers to begin with, as host:port")
    consumer_group: str = Field("sample-service", description="whose offsets are committed")
    host: str = Field("127.0.0.1", description="the address to listen on")
    port: int = Field(8000, ge=0, le=65535, description="the port to listen on; 0 takes a free one")
    specs_dir: Path = Field(Path(__file__).parents[1] / "specs", description="the contracts that are served")
