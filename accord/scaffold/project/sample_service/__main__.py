"""The command: serve until SIGTERM or SIGINT."""

import sys

from accord.http.server import serve
from accord.observability import configure_logging
from accord.settings import SettingsError, load

from sample_service.main import create_app
from sample_service.settings import Settings

if __name__ == "__main__":
    try:
        settings = load(Settings)
    except SettingsError as error:
        sys.exit(str(error))
    configure_logging("sample-service", "info")
    serve(create_app(settings), settings.host, settings.port)
