"""What in a spec will bite: rules over OpenAPI and AsyncAPI documents, each finding with its place."""

from accord.lint.linting import Chosen, lint

__all__ = ["Chosen", "lint"]
