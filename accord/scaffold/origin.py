"""Where accord itself was installed from, so that a new project installs the same one."""

import json
from importlib.metadata import PackageNotFoundError, distribution

__all__ = ["constraint"]


def constraint() -> str | None:
    """A line for pip's constraints, if accord came from a wheel or a folder on this disk (PEP 610).

    None where it came from an index: pip finds it there again, by the settings that it was told.
    """
    try:
        recorded = distribution("accord").read_text("direct_url.json")
    except PackageNotFoundError:
        return None
    url = json.loads(recorded).get("url", "") if recorded else ""
    return f"accord @ {url}" if url.startswith("file://") else None
