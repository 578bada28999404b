"""In which form a command says what it has to say."""

from collections.abc import Callable
from typing import Any

import click

__all__ = ["findings_format", "list_format", "scanning_format"]


def _option(*forms: str, told: str) -> Callable[[Any], Any]:
    return click.option(
        "--format", "form", type=click.Choice(forms), default=forms[0], show_default=True, help=told
    )


findings_format = _option(
    "text",
    "json",
    "github",
    told="How findings are printed; JSON is one object with a list, github annotates a pull request.",
)

scanning_format = _option(
    "text",
    "json",
    "github",
    "sarif",
    told="How findings are printed; github annotates a pull request, sarif is for code scanning.",
)

list_format = _option("text", "json", told="For people, or one JSON object.")
