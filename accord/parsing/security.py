"""OpenAPI: security schemes, and which of them an operation needs."""

from collections.abc import Mapping

from accord.model.http import Requirement, Scheme
from accord.model.names import ConstantName, MemberName
from accord.parsing.fields import Fields
from accord.parsing.nodes import Node
from accord.parsing.references import Specs

__all__ = ["read_schemes", "read_security"]

_OPTIONS = ("base_url", "timeout", "retries", "transport", "self", "options")
"""What the constructor of a client takes beside credentials."""


def read_schemes(specs: Specs, document: Fields) -> dict[str, Scheme]:
    """Read components/securitySchemes; what is no credential of a client is left out with a warning."""
    components = (
        Fields(specs, document.required("components"), "'components'")
        if "components" in document.node.members
        else None
    )
    nodes = components.mapping("securitySchemes") if components else {}
    found: dict[str, Scheme] = {}
    arguments = MemberName.distinct(nodes, _OPTIONS)
    constants = ConstantName.distinct(nodes)
    for name, node in nodes.items():
        found[name] = _scheme(specs, name, node, arguments[name], constants[name])
    return found


def _scheme(specs: Specs, name: str, node: Node, argument: MemberName, constant: ConstantName) -> Scheme:
    fields = Fields(specs, node, f"the security scheme {name}")
    description = fields.text("description", "")
    said = fields.text("type")
    place = parameter = ""
    kind = {"oauth2": "Bearer", "openIdConnect": "Bearer", "mutualTLS": "Elsewhere"}.get(said, "")
    if said == "apiKey":
        kind, place, parameter = "ApiKey", fields.text("in"), fields.text("name")
        if place not in ("query", "header", "cookie"):
            sentence = f"{fields.what} is in '{place}'; a key is in query, header or cookie"
            raise fields.required("in").broken("bad-place", sentence)
    elif said == "http":
        scheme = fields.text("scheme").lower()
        fields.ignore("bearerFormat")
        kind = {"bearer": "Bearer", "basic": "Basic"}.get(scheme, "")
        if not kind:
            kind = "Elsewhere"
            sentence = f"{fields.what} is HTTP {scheme}, which is not read; use basic or bearer"
            fields.warn(fields.required("scheme"), "unsupported", f"{sentence}, or read it in 'authorize'")
    elif not kind:
        known = "apiKey, http, oauth2, openIdConnect or mutualTLS"
        sentence = f"'{said}' is no type of a security scheme; write {known}"
        raise fields.required("type").broken("bad-scheme", sentence)
    fields.ignore("flows", "openIdConnectUrl")
    fields.finish()
    return Scheme(name, kind, argument, constant, place, parameter, description)


def read_security(
    specs: Specs, fields: Fields, schemes: Mapping[str, Scheme]
) -> tuple[tuple[Requirement, ...], ...] | None:
    """The alternatives that a document or an operation names; None where it says nothing."""
    if "security" not in fields.node.members:
        return None
    found = []
    for node in fields.items("security"):
        requirement = Fields(specs, node, f"a requirement of {fields.what}")
        one = []
        for name in requirement.node.members:
            if name not in schemes:
                sentence = f"there is no security scheme '{name}'; add it to components/securitySchemes"
                raise requirement.key(name).broken("unknown-scheme", sentence)
            scopes = tuple(str(scope.plain) for scope in requirement.items(name))
            one.append(Requirement(schemes[name], scopes))
        found.append(tuple(one))
    return () if () in found and len(found) == 1 else tuple(found)
