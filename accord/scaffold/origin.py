"""Where accord itself was installed from, so that a new project installs the same one."""

import json
from importlib.metadata import PackageNotFoundError, distribution

__all__ = ["origin"]


def origin() -> str | None:
    """The URL of the wheel or the folder on this disk that accord came from (PEP 610).

    None where it came from an index: pip finds it there again, by the settings that it was told.
    """
    try:
        recorded = distribution("accord").read_text("direct_url.json")
    except PackageNotFoundError:
        return None
    url: str = json.loads(recorded).get("url", "") if recorded else ""
    return url if url.startswith("file://") else None
