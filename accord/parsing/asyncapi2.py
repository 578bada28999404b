"""AsyncAPI 2: channels with what others may publish to them, and may subscribe to."""

from collections.abc import Iterator

from accord.findings import Problems
from accord.parsing.channels import ChannelNode
from accord.parsing.fields import Fields
from accord.parsing.kafka_bindings import fixed_text, kafka_binding
from accord.parsing.nodes import MappingNode, Node, ScalarNode
from accord.parsing.operations import OperationNode
from accord.parsing.references import Specs, target_of
from accord.parsing.traits import with_traits

__all__ = ["Reader2"]

_SENDS = {"publish": False, "subscribe": True}
"""AsyncAPI 2 speaks from the other side: the application receives what others publish."""


class Reader2:
    """Reads the channels of one document, and the operations in them."""

    def __init__(self, specs: Specs, document: Fields, problems: Problems) -> None:
        self._specs = specs
        self.channels: list[ChannelNode] = []
        self.operations: list[OperationNode] = []
        for address, node in document.mapping("channels").items():
            with problems.gathering():
                self._channel(document, address, node)

    def _channel(self, document: Fields, address: str, node: Node) -> None:
        fields = Fields(self._specs, node, f"the channel {address}")
        fields.ignore("description", "servers", "parameters", "bindings")
        operations = {name: fields.optional(name) for name in _SENDS}
        fields.finish()
        messages: dict[str, Node] = {}
        place = Fields(self._specs, document.required("channels"), "'channels'").key(address)
        channel = ChannelNode(address, fields, address, place, messages)
        self.channels.append(channel)
        for name, operation in operations.items():
            if operation is not None:
                self._operation(channel, name, operation, messages)

    def _operation(self, channel: ChannelNode, name: str, node: Node, carried: dict[str, Node]) -> None:
        what = f"'{name}' of {channel.fields.what}"
        fields = Fields(self._specs, with_traits(self._specs, node, what, traits_win=True), what)
        fields.ignore("summary", "description", "tags", "externalDocs", "security")
        id_ = fields.text("operationId", "")
        messages = dict(self._messages(fields, id_ or channel.id))
        binding = kafka_binding(self._specs, fields)
        group_id = fixed_text(self._specs, binding, "groupId") if binding else None
        client_id = fixed_text(self._specs, binding, "clientId") if binding else None
        if binding is not None:
            binding.finish()
        fields.finish()
        for key, message in messages.items():
            if not any(message is other for other in carried.values()):
                carried[key if key not in carried else f"{key} {name}"] = message
        found = tuple(messages.values())
        operation = OperationNode(
            id_ or f"{name} {channel.id}", _SENDS[name], channel, found, None, group_id, client_id
        )
        self.operations.append(operation)

    def _messages(self, fields: Fields, operation: str) -> Iterator[tuple[str, Node]]:
        """Each message with the best name that stands around it; ``oneOf`` lists several."""
        node = fields.optional("message")
        if node is None:
            return
        several = node.members.get("oneOf") if isinstance(node, MappingNode) else None
        if several is None:
            yield _name(self._specs, node) or operation, self._specs.resolve(node)
            return
        unnamed = 0
        for item in Fields(self._specs, node, fields.what).items("oneOf"):
            name = _name(self._specs, item)
            unnamed += not name
            if unnamed > 1 and not name:
                sentence = f"{fields.what} has a second message without a name; add 'messageId' to it"
                fields.warn(item, "unsupported", sentence)
                continue
            yield name or operation, self._specs.resolve(item)


def _name(specs: Specs, node: Node) -> str:
    """The messageId, else what the message is called where it is defined, else what its payload is called."""
    resolved = specs.resolve(node)
    if isinstance(resolved, MappingNode):
        said = resolved.members.get("messageId")
        if isinstance(said, ScalarNode) and isinstance(said.value, str):
            return said.value
        reference = target_of(node) or target_of(resolved.members.get("payload") or resolved)
        if reference is not None:
            return str(reference.value).rpartition("/")[2]
    return ""
