"""OpenAPI: where a document says that its service is."""

import re

from accord.parsing.fields import Fields
from accord.parsing.references import Specs

__all__ = ["read_server"]


def read_server(specs: Specs, fields: Fields) -> str | None:
    """The first server's URL with the defaults of its variables, if it is absolute."""
    found: list[str] = []
    for node in fields.items("servers"):
        server = Fields(specs, node, f"a server of {fields.what}")
        server.ignore("description", "name")
        url = server.text("url")
        for name, variable in server.mapping("variables").items():
            values = Fields(specs, variable, f"the variable {name}")
            values.ignore("description", "enum")
            url = url.replace(f"{{{name}}}", values.text("default"))
            values.finish()
        server.finish()
        unknown = re.search(r"\{([^{}]*)\}", url)
        if unknown:
            sentence = f"'{unknown[1]}' of {url} is no variable; add it to 'variables'"
            raise server.required("url").broken("unknown-variable", sentence)
        found.append(url)
    first = found[0] if found else ""
    return first.rstrip("/") if first.startswith(("http://", "https://")) else None
