"""`judge`: whether a record fared as it must, from the rows and the dead letters that it left."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from accord.bus.messages import Record
from scripts.fuzzed import Case, Fate

__all__ = ["Evidence", "judge"]


@dataclass(frozen=True, slots=True)
class Evidence:
    """What was found after the consumer had passed a record: its row, its dead letters, lines in the log."""

    row: dict[str, Any] | None
    letters: Sequence[Record]
    logged_as_unknown: bool = False
    logged_as_consumed: bool = False

    @property
    def reason(self) -> str:
        """Why the record is dead."""
        return self.header("reason")

    def header(self, name: str) -> str:
        """What the first dead letter says under a name, or nothing."""
        headers = dict(self.letters[0].headers) if self.letters else {}
        return headers.get(f"dead_letter.{name}", b"").decode()


def judge(case: Case, evidence: Evidence) -> tuple[Fate | None, str | None]:
    """The fate of the record, None if it had several or too much of one, and what is wrong about it."""
    if len(evidence.letters) > 1:
        return None, f"{len(evidence.letters)} dead letters"
    if evidence.letters:
        if evidence.row is not None:
            return None, "a dead letter, and applied all the same"
        fate = Fate.DEAD
    elif evidence.row is not None or evidence.logged_as_consumed:
        fate = Fate.APPLIED
    elif evidence.logged_as_unknown or case.value is None:
        fate = Fate.IGNORED
    else:
        return None, "vanished: no row, no dead letter, no word"
    if case.fate not in (None, fate):
        return fate, f"{fate} instead of {case.fate}: {evidence.reason or 'no reason'}"
    return fate, _complaint(case, fate, evidence)


def _complaint(case: Case, fate: Fate, evidence: Evidence) -> str | None:
    if fate is Fate.DEAD:
        return _incomplete(case, evidence)
    if fate is Fate.APPLIED and case.fate is not None:
        return _misread(case, evidence.row or {})
    if fate is Fate.APPLIED and not _reads_as_json(case.value):
        return "applied although it is no JSON"
    return None


def _incomplete(case: Case, evidence: Evidence) -> str | None:
    letter = evidence.letters[0]
    if not evidence.reason:
        return "a dead letter without a reason"
    if letter.value != case.value and evidence.header("value_omitted") != str(len(case.value or b"")):
        return "a dead letter of another value"
    if letter.key != case.key and evidence.header("key_omitted") != str(len(case.key or b"")):
        return "a dead letter of another key"
    return None


def _misread(case: Case, row: dict[str, Any]) -> str | None:
    said = json.loads(case.value or b"")
    if case.author is not None:
        expected = {
            "book_id": case.target,
            "author_id": case.author,
            "linked": said["event_type"] == "book_author.linked",
        }
    else:
        expected = {
            "book_id": case.target,
            "title": said["data"]["title"],
            "deleted": said["event_type"] == "book.deleted",
        }
    return None if row == expected else f"the row is {row} instead of {expected}"


def _reads_as_json(value: bytes | None) -> bool:
    try:
        return isinstance(json.loads(value or b""), dict)
    except ValueError:
        return False
