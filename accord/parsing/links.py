"""OpenAPI: links, of which only the names of operations matter here."""

from collections.abc import Mapping

from accord.findings import Problems
from accord.parsing.fields import Fields
from accord.parsing.nodes import MappingNode, Node
from accord.parsing.references import Specs

__all__ = ["METHODS", "check_links"]

METHODS = ("get", "put", "post", "patch", "delete", "head", "options", "trace")


def check_links(specs: Specs, paths: Mapping[str, Node]) -> None:
    """A link (OpenAPI 3.1, Link Object) names an operation of this document; raises `BrokenSpec`."""
    problems = Problems()
    operations = [operation for path in paths.values() for operation in _operations(specs, path)]
    known = {fields.text("operationId") for fields in operations if "operationId" in fields.node.members}
    for operation in operations:
        for response in operation.mapping("responses").values():
            for name, link in Fields(specs, response, "the answer").mapping("links").items():
                fields = Fields(specs, link, f"the link {name}")
                with problems.gathering():
                    if "operationId" in fields.node.members and fields.text("operationId") not in known:
                        sentence = (
                            f"there is no operation {fields.text('operationId')}; name one of this document"
                        )
                        raise fields.required("operationId").broken("dangling-link", sentence)
    problems.raise_if_any()


def _operations(specs: Specs, path: Node) -> list[Fields]:
    item = specs.resolve(path)
    members = item.members if isinstance(item, MappingNode) else {}
    return [Fields(specs, members[method], "the operation") for method in METHODS if method in members]
