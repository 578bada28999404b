"""Secrets: keys, tokens and passwords that somebody left in a spec."""

import re
from collections.abc import Iterator

from accord.lint.checks.members import snake
from accord.lint.inspection import Inspection
from accord.lint.remarks import Remark, on
from accord.parsing.nodes import MappingNode, Node, ScalarNode, SequenceNode

__all__ = ["check"]

_SECRETS = {
    "a private key": r"-----BEGIN ([A-Z0-9]+ )*PRIVATE KEY-----",
    "a key of AWS": r"\b(AKIA|ASIA)[0-9A-Z]{16}\b",
    "a token of GitHub": r"\b(gh[pousr]_[A-Za-z0-9]{36,}|github_pat_[A-Za-z0-9_]{50,})",
    "a token of GitLab": r"\bglpat-[A-Za-z0-9_-]{20,}",
    "a token of Slack": r"\bxox[abeoprs]-[A-Za-z0-9-]{10,}",
    "a key of Stripe": r"\b[rs]k_live_[A-Za-z0-9]{16,}",
    "a key of Google": r"\bAIza[A-Za-z0-9_-]{35}",
    "a JSON Web Token": r"\beyJ[A-Za-z0-9_-]{10,}\.eyJ[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{10,}",
    "a password in a URL": r"\b[a-z][a-z0-9+.-]*://[^\s:/@{}<>]+:(?!(password|secret|pass|pw|\*+)@)[^\s:/@{}<>]+@",
}
_PATTERNS = tuple((what, re.compile(pattern)) for what, pattern in _SECRETS.items())
_PASSWORD = re.compile(r"(.*_)?(password|passwd|passphrase)")
_KEY = re.compile(
    r"(.*_)?(secret|api_?key|private_key|secret_key|authorization)"
    r"|((access|refresh|id|auth|bearer|api|session)_)?token"
)
_PLACEHOLDER = re.compile(
    r"[<{*\[$.…]|example|sample|dummy|fake|placeholder|redact|changeme|change_me|your|string|xxx|token|secret|password|not_?real",
    re.IGNORECASE,
)
"""What people write where a secret would stand."""
_SHORTEST = 6
_DIGIT = re.compile(r"[0-9]")
"""Keys are made by machines, and have some."""
_VALUES = frozenset({"example", "examples", "default"})


def check(inspection: Inspection) -> Iterator[Remark]:
    """Every text of every file, wherever it stands."""
    for root in inspection.sources.files:
        yield from _within(root)


def _within(root: Node) -> Iterator[Remark]:
    waiting: list[tuple[Node, str, bool]] = [(root, "", False)]
    while waiting:
        node, name, shown = waiting.pop()
        if isinstance(node, MappingNode):
            for key, child in node.members.items():
                waiting.append((child, name if key in _VALUES else key, shown or key in _VALUES))
        elif isinstance(node, SequenceNode):
            waiting += [(item, name, shown) for item in node.items]
        elif isinstance(node, ScalarNode) and isinstance(node.value, str):
            what = _secret(node.value, snake(name) if shown else "")
            if what:
                sentence = f"holds {what}, which everybody can read who reads the spec"
                yield on(node, "secret-in-spec", f"{sentence}; revoke it, and write a placeholder")


def _secret(text: str, name: str) -> str:
    for what, pattern in _PATTERNS:
        if pattern.search(text):
            return what
    if len(text) < _SHORTEST or _PLACEHOLDER.search(text):
        return ""
    looks = _PASSWORD.fullmatch(name) or (_KEY.fullmatch(name) and _DIGIT.search(text))
    return f"what looks like a real '{name}'" if looks else ""
