"""What changed between two versions of all specs, and what that does to whom."""

from accord.changes.change import Change, Effect, Party, worst
from accord.changes.comparing import compare
from accord.changes.version import Version, read_version

__all__ = ["Change", "Effect", "Party", "Version", "compare", "read_version", "worst"]
