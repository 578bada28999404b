"""The checks, one module for each subject; what their rules mean stands in accord/rules."""

from accord.lint.checks import (
    answers,
    bounds,
    documents,
    examples,
    members,
    messages,
    names,
    operations,
    secrets,
)

__all__ = ["CHECKS"]

CHECKS = (
    documents.check,
    operations.check,
    answers.check,
    members.check,
    bounds.check,
    examples.check,
    messages.check,
    names.check,
    secrets.check,
)
"""Each takes an `accord.lint.inspection.Inspection` and yields remarks."""
