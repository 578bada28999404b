"""Finding what a ``$ref`` points at: within its file, in another file, or under a name of its own."""

import os
from collections.abc import Mapping
from pathlib import Path, PurePosixPath
from urllib.parse import unquote, urldefrag, urlsplit

from accord.findings import BrokenSpec, Finding, Location, Severity
from accord.parsing.identifiers import Identifiers, join
from accord.parsing.nodes import MappingNode, Node, ScalarNode, SequenceNode
from accord.parsing.yaml import read_yaml

__all__ = ["Specs", "shown", "target_of"]


class Specs:
    """The folder of specs; each file is read once, when it is first asked for.

    ``outside`` are further folders that references may lead into, and ``remotes`` says where files lie whose
    URLs begin with a prefix: nothing is ever fetched.
    """

    def __init__(
        self, folder: Path, outside: tuple[Path, ...] = (), remotes: Mapping[str, Path] | None = None
    ) -> None:
        self.folder = folder
        self.identifiers = Identifiers()
        self.warnings: list[Finding] = []
        self._allowed = [folder.resolve(), *(other.resolve() for other in outside)]
        self._remotes = dict(sorted((remotes or {}).items(), key=lambda item: -len(item[0])))
        self._roots: dict[str, MappingNode] = {}
        self._under_way: set[Node] = set()
        self._found: dict[ScalarNode, Node] = {}

    def root(self, file: str) -> MappingNode:
        """The content of one file, by its name within the folder; raises `BrokenSpec`."""
        if file not in self._roots:
            path = self.folder / file
            node = read_yaml(path, file, shown(path))
            if not isinstance(node, MappingNode):
                raise node.broken("bad-shape", f"is {node.kind}; a spec is one YAML object")
            self._roots[file] = node
            self.identifiers.scan(node)
        return self._roots[file]

    @property
    def read(self) -> tuple[MappingNode, ...]:
        """What has been read so far, in a stable order."""
        return tuple(self._roots[file] for file in sorted(self._roots))

    def warn(self, location: Location, rule: str, sentence: str) -> None:
        """Say what is left out, or has another effect than its author may think."""
        self.warnings.append(Finding(location, rule, sentence, Severity.WARNING))

    def resolve(self, node: Node) -> Node:
        """Follow ``$ref`` until something else comes; the node itself if it is no reference."""
        seen: list[Node] = []
        while (target := target_of(node)) is not None:
            if any(node is earlier for earlier in seen):
                raise _cycle(target)
            seen.append(node)
            self._warn_of_siblings(node)
            node = self.follow(target)
        return node

    def follow(self, reference: ScalarNode) -> Node:
        """What one ``$ref`` points at, which may be a reference again; those on the way are followed."""
        if reference in self._found:
            return self._found[reference]
        if reference in self._under_way:
            raise _cycle(reference)
        self._under_way.add(reference)
        try:
            found = self._found[reference] = self._find(reference)
        finally:
            self._under_way.discard(reference)
        return found

    def _find(self, reference: ScalarNode) -> Node:
        text = str(reference.value)
        base = self.identifiers.base(reference)
        uri, fragment = urldefrag(join(base, text))
        fragment = unquote(fragment)
        root = self._resource(uri, reference)
        if not fragment or fragment.startswith("/"):
            return self._walk(root, fragment, reference)
        known = self.identifiers.anchors.get((self.identifiers.base(root), fragment))
        if known is None:
            sentence = f"'{text}' points at nothing: no schema has the anchor '{fragment}'"
            raise reference.broken("dangling-reference", f"{sentence}; correct it, or write a JSON pointer")
        return known

    def _resource(self, uri: str, reference: ScalarNode) -> Node:
        known = self.identifiers.resources.get(uri)
        if known is not None:
            return known
        local = self._local(uri)
        if local is not None:
            return self._file(local, reference)
        # Files that name themselves by URLs mostly lie beside each other as their URLs do.
        text = urldefrag(str(reference.value)).url
        if not _is_url(text) and (self.folder / _beside(reference, text)).is_file():
            return self._file(_beside(reference, text), reference)
        sentence = (
            f"'{reference.value}' is a URL, and nothing is fetched; copy what it holds into the folder of "
            "specs and refer to the copy, or name the copy's place in [tool.accord.remotes]"
        )
        raise reference.broken("remote-reference", sentence)

    def _local(self, uri: str) -> str | None:
        """The name of the file that a URI stands for, seen from the folder of specs."""
        if not _is_url(uri):
            return PurePosixPath(os.path.normpath(unquote(uri))).as_posix()
        for prefix, folder in self._remotes.items():
            if uri.startswith(prefix):
                path = folder / unquote(uri.removeprefix(prefix)).lstrip("/") if uri != prefix else folder
                return Path(os.path.relpath(path, self.folder)).as_posix()
        return None

    def _file(self, file: str, reference: ScalarNode) -> Node:
        path = (self.folder / file).resolve()
        places = [*self._allowed, *(folder.resolve() for folder in self._remotes.values())]
        if not any(path.is_relative_to(place) for place in places):
            sentence = f"'{reference.value}' leaves the folder of specs; move the file into it"
            raise reference.broken(
                "outside-reference", f"{sentence}, or name its folder in 'outside' of [tool.accord]"
            )
        if file not in self._roots and not path.is_file():
            sentence = f"'{reference.value}' points at nothing: there is no file {file} among the specs"
            raise reference.broken("dangling-reference", f"{sentence}; correct the name")
        return self.root(file)

    def _walk(self, node: Node, pointer: str, reference: ScalarNode) -> Node:
        for raw in pointer.split("/")[1:]:
            token = raw.replace("~1", "/").replace("~0", "~")
            child = _child(node, token)
            if child is None and target_of(node) is not None:
                node = self.resolve(node)
                child = _child(node, token)
            if child is None:
                where = f"'{node.pointer}' of {node.file}" if node.pointer else node.file
                sentence = f"'{reference.value}' points at nothing: there is no '{token}' in {where}"
                raise reference.broken("dangling-reference", f"{sentence}; correct it")
            node = child
        return node

    def _warn_of_siblings(self, node: Node) -> None:
        """A Reference Object knows no members beside ``$ref`` (OpenAPI 3.1 has summary and description)."""
        assert isinstance(node, MappingNode)  # noqa: S101 - it has a $ref
        for name, place in node.keys.items():
            if name not in ("$ref", "summary", "description") and not name.startswith("x-"):
                sentence = f"'{name}' stands beside a $ref and is ignored; move it to what the $ref points at"
                self.warn(place, "reference-sibling", sentence)


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


def _child(node: Node, token: str) -> Node | None:
    if isinstance(node, MappingNode):
        return node.members.get(token)
    if isinstance(node, SequenceNode) and token.isdecimal() and int(token) < len(node.items):
        return node.items[int(token)]
    return None


def _is_url(text: str) -> bool:
    parts = urlsplit(text)
    return bool(parts.scheme or parts.netloc)


def _beside(reference: ScalarNode, text: str) -> str:
    return PurePosixPath(os.path.normpath(PurePosixPath(reference.file).parent / unquote(text))).as_posix()


def _cycle(reference: ScalarNode) -> BrokenSpec:
    return reference.broken("reference-cycle", f"'{reference.value}' leads back to itself; break the circle")


def shown(path: Path) -> str:
    """How findings name a file: relative to where the command runs, if it lies below."""
    relative = os.path.relpath(path)
    return str(path) if relative.startswith("..") else Path(relative).as_posix()
