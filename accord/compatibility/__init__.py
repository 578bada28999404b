"""Whether a reader takes all that a writer may write: a proof, or a value that shows the opposite."""

from accord.compatibility.judging import judge, witnessed
from accord.compatibility.verdicts import Judgement, Mode, Verdict, Witness

__all__ = ["Judgement", "Mode", "Verdict", "Witness", "judge", "witnessed"]
