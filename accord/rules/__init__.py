"""What each rule id means, why it holds and what to do: plain data, a file for each topic.

A table of a file is a rule, by the id that findings end with. It has `sentence`, `why` and `fix`, and where
that helps an example of what is `wrong` and `right`, and `within` what it stands: one of the frames in which
the tests prove it. Rules of `accord lint` have a `severity`.
"""

import tomllib
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cache
from importlib.resources import files

__all__ = ["Rule", "all_rules", "nearest"]


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule; ``wrong`` and ``right`` stand ``within`` something; empty where nothing can be shown.

    ``severity`` is how much a finding of `accord lint` counts, unless the project says otherwise.
    """

    id: str
    topic: str
    sentence: str
    why: str
    fix: str
    within: str = ""
    wrong: str = ""
    right: str = ""
    severity: str = ""


@cache
def all_rules() -> dict[str, Rule]:
    """Each rule by its id, those of one topic together."""
    found: dict[str, Rule] = {}
    for file in sorted(files(__name__).iterdir(), key=lambda file: file.name):
        topic, _, extension = file.name.rpartition(".")
        if extension == "toml":
            for rule_id, members in tomllib.loads(file.read_text(encoding="utf-8")).items():
                found[rule_id] = Rule(rule_id, topic, **members)
    return found


def nearest(rule_id: str) -> list[str]:
    """Ids that somebody may have meant, the best first: similar ones, or such as share a word with it."""
    close = get_close_matches(rule_id.lower(), all_rules(), n=3, cutoff=0.6)
    words = set(rule_id.lower().split("-"))
    return close or [known for known in all_rules() if words & set(known.split("-"))][:3]
