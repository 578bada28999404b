"""AsyncAPI 3: channels, and operations with their replies."""

from collections.abc import Mapping

from accord.findings import Problems
from accord.parsing.channels import ChannelNode
from accord.parsing.expressions import read_location
from accord.parsing.fields import Fields
from accord.parsing.kafka_bindings import fixed_text, kafka_binding
from accord.parsing.nodes import Node, ScalarNode
from accord.parsing.operations import OperationNode, ReplyNode
from accord.parsing.references import Specs, target_of
from accord.parsing.traits import with_traits

__all__ = ["Reader3"]

_ACTIONS = {"send": True, "receive": False}


class Reader3:
    """Reads the channels and operations of one document."""

    def __init__(self, specs: Specs, document: Fields, problems: Problems) -> None:
        self._specs = specs
        self._by_node: dict[Node, ChannelNode] = {}
        self.operations: list[OperationNode] = []
        for name, node in document.mapping("channels").items():
            with problems.gathering():
                self._channel(name, node)
        for name, node in document.mapping("operations").items():
            with problems.gathering():
                self.operations.append(self._operation(name, node))

    @property
    def channels(self) -> list[ChannelNode]:
        """In the order of the document."""
        return list(self._by_node.values())

    def _channel(self, name: str, node: Node) -> ChannelNode:
        fields = Fields(self._specs, node, f"the channel {name}")
        if fields.node in self._by_node:
            return self._by_node[fields.node]
        fields.ignore("title", "summary", "description", "servers", "tags", "externalDocs", "bindings")
        fields.ignore("parameters")
        address = fields.optional("address")
        unknown = address is None or (isinstance(address, ScalarNode) and address.value in (None, ""))
        messages = {key: self._specs.resolve(m) for key, m in fields.mapping("messages").items()}
        text = None if unknown else fields.text("address")
        fields.finish()
        fields.what = f"the channel {name}"
        channel = ChannelNode(name, fields, text, address or fields.node, messages)
        self._by_node[fields.node] = channel
        return channel

    def _operation(self, name: str, node: Node) -> OperationNode:
        what = f"the operation {name}"
        fields = Fields(self._specs, with_traits(self._specs, node, what, traits_win=False), what)
        fields.ignore("title", "summary", "description", "tags", "externalDocs", "security")
        action = fields.text("action")
        if action not in _ACTIONS:
            sentence = f"{what} has the action '{action}'; it is 'send' or 'receive'"
            raise fields.required("action").broken("bad-action", sentence)
        channel = self._referred(fields, name)
        messages = self._chosen(fields, channel, what)
        reply = self._reply(fields, name)
        binding = kafka_binding(self._specs, fields)
        group_id = fixed_text(self._specs, binding, "groupId") if binding else None
        client_id = fixed_text(self._specs, binding, "clientId") if binding else None
        if binding is not None:
            binding.finish()
        fields.finish()
        return OperationNode(name, _ACTIONS[action], channel, messages, reply, group_id, client_id)

    def _reply(self, fields: Fields, name: str) -> ReplyNode | None:
        node = fields.optional("reply")
        if node is None:
            return None
        reply = Fields(self._specs, node, f"the reply of {name}")
        address = reply.optional("address")
        location = None
        if address is not None:
            said = Fields(self._specs, address, f"the address of {reply.what}")
            said.ignore("description")
            location = read_location(said)
            said.finish()
        if reply.optional("channel") is None:
            sentence = f"{reply.what} names no channel, so nobody knows its messages; name one"
            reply.warn(fields.key("reply"), "unsupported", sentence)
            return None
        channel = self._referred(reply, name)
        messages = self._chosen(reply, channel, reply.what)
        reply.finish()
        if location is None and channel.address is None:
            sentence = f"{reply.what} has no address, nor has its channel {channel.id}; add one of them"
            reply.warn(fields.key("reply"), "unsupported", sentence)
            return None
        if location is not None and channel.address is not None:
            sentence = f"{reply.what} names an address, and its channel has another, to which it goes"
            reply.warn(fields.key("reply"), "unsupported", f"{sentence}; say 'address: null' in {channel.id}")
            location = None
        return ReplyNode(channel, messages, location, fields.key("reply"))

    def _referred(self, fields: Fields, name: str) -> ChannelNode:
        node = fields.required("channel")
        found = Fields(self._specs, node, f"the channel of {name}")
        if found.node not in self._by_node:
            token = target_of(node)
            named = str(token.value).rpartition("/")[2] if token is not None else name
            return self._channel(named, node)
        return self._by_node[found.node]

    def _chosen(self, fields: Fields, channel: ChannelNode, what: str) -> tuple[Node, ...]:
        carried: Mapping[str, Node] = channel.messages
        if fields.optional("messages") is None:
            return tuple(carried.values())
        found = []
        for node in fields.items("messages"):
            resolved = self._specs.resolve(node)
            if not any(resolved is message for message in carried.values()):
                sentence = f"{what} names a message that {channel.fields.what} does not carry; add it there"
                raise (target_of(node) or node).broken("foreign-message", sentence)
            found.append(resolved)
        return tuple(found)
