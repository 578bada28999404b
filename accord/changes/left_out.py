"""What the specs say and Accord does not support: that it changed is seen, what that does is not."""

from pathlib import PurePosixPath

from accord.changes.change import Effect
from accord.changes.gathering import Gathered
from accord.changes.version import Version
from accord.findings import Finding, Location

__all__ = ["compare_left_out"]


def compare_left_out(gathered: Gathered) -> None:
    """Note what came, went, or says something else."""
    old, new = _found(gathered.old), _found(gathered.new)
    for file, sentence in sorted({*old, *new}):
        before, after = old.get((file, sentence)), new.get((file, sentence))
        if before is None:
            _say(gathered, "new", file, sentence, None, after)
        elif after is None:
            _say(gathered, "gone", file, sentence, before, None)
        elif gathered.old.told_at(before) != gathered.new.told_at(after):
            _say(gathered, "changed", file, sentence, before, after)


def _found(version: Version) -> dict[tuple[str, str], Location]:
    def key(found: Finding) -> tuple[str, str]:
        return PurePosixPath(found.location.path).name, found.sentence

    return {key(found): found.location for found in version.contract.findings}


def _say(
    gathered: Gathered, word: str, file: str, sentence: str, old: Location | None, new: Location | None
) -> None:
    before = None if old is None else gathered.old.place(old)
    after = None if new is None else gathered.new.place(new)
    told = f"{word} is something that is not supported: {sentence}"
    gathered.say("not-compared", Effect.UNPROVEN, file, told, before, after, reason="it is not compared")
