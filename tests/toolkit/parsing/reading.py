"""Specs written in a test, read and generated from."""

from pathlib import Path

from accord.codegen.render import render
from accord.model.contract import Contract, Service
from accord.parsing.contract import read_contract
from accord.parsing.project import Project, ServiceSettings

__all__ = ["contract_of", "rendered", "service_of"]


def contract_of(folder: Path, text: str, **others: str) -> Contract:
    """What the AsyncAPI document ``text`` says, with other files beside it."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "events.yaml").write_text(text)
    for name, other in others.items():
        (folder / f"{name}.yaml").write_text(other)
    service = ServiceSettings("lamps", None, "events.yaml")
    return read_contract(Project(folder, folder, folder / "made", "made", (service,)))


def service_of(folder: Path, text: str, **others: str) -> Service:
    (service,) = contract_of(folder, text, **others).services
    return service


def rendered(folder: Path, text: str, package: str = "made") -> dict[str, str]:
    """The text of each generated file."""
    return {path: file.text for path, file in render(contract_of(folder, text), package).items()}
