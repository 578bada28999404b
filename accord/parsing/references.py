"""Finding what a ``$ref`` points at, within its file or in another file of the folder of specs."""

import os
from pathlib import Path, PurePosixPath
from urllib.parse import unquote, urlsplit

from accord.findings import BrokenSpec
from accord.parsing.nodes import MappingNode, Node, ScalarNode, SequenceNode
from accord.parsing.yaml import read_yaml

__all__ = ["Specs", "shown", "target_of"]


class Specs:
    """The folder of specs; each file is read once, when it is first asked for."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._roots: dict[str, MappingNode] = {}
        self._under_way: set[Node] = set()

    def root(self, file: str) -> MappingNode:
        """The content of one file, by its name within the folder; raises `BrokenSpec`."""
        if file not in self._roots:
            path = self.folder / file
            node = read_yaml(path, file, shown(path))
            if not isinstance(node, MappingNode):
                raise node.broken("bad-shape", f"is {node.kind}; a spec is one YAML object")
            self._roots[file] = node
        return self._roots[file]

    @property
    def read(self) -> tuple[MappingNode, ...]:
        """What has been read so far, in a stable order."""
        return tuple(self._roots[file] for file in sorted(self._roots))

    def resolve(self, node: Node) -> Node:
        """Follow ``$ref`` until something else comes; the node itself if it is no reference."""
        seen: list[Node] = []
        while (target := target_of(node)) is not None:
            if any(node is earlier for earlier in seen):
                raise _cycle(target)
            seen.append(node)
            _refuse_siblings(node)
            node = self.follow(target)
        return node

    def follow(self, reference: ScalarNode) -> Node:
        """What one ``$ref`` points at, which may be a reference again; those on the way are followed."""
        if reference in self._under_way:
            raise _cycle(reference)
        self._under_way.add(reference)
        try:
            return self._walk(reference)
        finally:
            self._under_way.discard(reference)

    def _walk(self, reference: ScalarNode) -> Node:
        file, tokens = self.split(reference)
        node: Node = self._other(file, reference)
        for token in tokens:
            node = self.resolve(node)
            child: Node | None = None
            if isinstance(node, MappingNode):
                child = node.members.get(token)
            elif isinstance(node, SequenceNode) and token.isdecimal() and int(token) < len(node.items):
                child = node.items[int(token)]
            if child is None:
                where = f"'{node.pointer}' of {node.file}" if node.pointer else node.file
                sentence = f"'{reference.value}' points at nothing: there is no '{token}' in {where}"
                raise reference.broken("dangling-reference", sentence)
            node = child
        return node

    def split(self, reference: ScalarNode) -> tuple[str, tuple[str, ...]]:
        """The file that is meant, and the unescaped tokens of the pointer into it."""
        text = str(reference.value)
        parts = urlsplit(text)
        if parts.scheme or parts.netloc:
            sentence = f"'{text}' is a URL; copy what it holds into the folder of specs and refer to the copy"
            raise reference.broken("remote-reference", sentence)
        file = reference.file
        if parts.path:
            joined = os.path.normpath(PurePosixPath(reference.file).parent / unquote(parts.path))
            inside = (self.folder / joined).resolve().is_relative_to(self.folder.resolve())
            if joined.startswith(("/", "..")) or not inside:
                sentence = f"'{text}' leaves the folder of specs; move the file into it"
                raise reference.broken("outside-reference", sentence)
            file = PurePosixPath(joined).as_posix()
        pointer = unquote(parts.fragment)
        if pointer and not pointer.startswith("/"):
            sentence = f"'{text}' names an anchor; write a JSON pointer such as '#/components/schemas/Name'"
            raise reference.broken("bad-reference", sentence)
        return file, tuple(part.replace("~1", "/").replace("~0", "~") for part in pointer.split("/")[1:])

    def _other(self, file: str, reference: ScalarNode) -> MappingNode:
        if file not in self._roots and not (self.folder / file).is_file():
            sentence = f"'{reference.value}' points at nothing: there is no file {file} among the specs"
            raise reference.broken("dangling-reference", sentence)
        return self.root(file)


def target_of(node: Node) -> ScalarNode | None:
    """The value of ``$ref``, if the node is a reference; raises `BrokenSpec` if that is no text."""
    if not isinstance(node, MappingNode) or "$ref" not in node.members:
        return None
    reference = node.members["$ref"]
    if not isinstance(reference, ScalarNode) or not isinstance(reference.value, str) or not reference.value:
        raise reference.broken(
            "bad-reference", f"is {reference.kind}; a $ref is a text such as '#/components/…'"
        )
    return reference


def _cycle(reference: ScalarNode) -> BrokenSpec:
    return reference.broken("reference-cycle", f"'{reference.value}' leads back to itself; break the circle")


def _refuse_siblings(node: Node) -> None:
    """OpenAPI 3.1 (Reference Object) ignores what stands beside a $ref; an author would not expect that."""
    assert isinstance(node, MappingNode)  # noqa: S101 - it has a $ref
    for name, place in node.keys.items():
        if name not in ("$ref", "summary", "description") and not name.startswith("x-"):
            sentence = (
                f"'{name}' stands beside a $ref and would be ignored; move it to what the $ref points at"
            )
            raise BrokenSpec.at(place, "reference-sibling", sentence)


def shown(path: Path) -> str:
    """How findings name a file: relative to where the command runs, if it lies below."""
    relative = os.path.relpath(path)
    return str(path) if relative.startswith("..") else Path(relative).as_posix()
