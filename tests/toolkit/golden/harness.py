"""What one golden case is: a project, its expected tree and its expected messages."""

from dataclasses import dataclass
from pathlib import Path

from accord.codegen.render import render
from accord.findings import BrokenSpec
from accord.parsing.contract import read_contract
from accord.parsing.project import find_project

__all__ = ["CASES", "Case", "cases"]

CASES = Path(__file__).parent / "cases"


@dataclass(frozen=True)
class Case:
    """A folder under cases: pyproject.toml and specs/ go in, ``expected`` and messages.txt come out."""

    root: Path

    def __str__(self) -> str:
        return self.root.name

    @property
    def package(self) -> str:
        """The package of the output; each case has its own, since all are type-checked together."""
        return f"golden_{self.root.name.replace('-', '_')}"

    def made(self) -> dict[str, str]:
        """What the specs give now: files below the case's folder, by their path."""
        try:
            contract = read_contract(find_project(self.root))
            rendered = render(contract, self.package)
            found = contract.findings
        except BrokenSpec as broken:
            rendered, found = {}, broken.findings
        lines = (f"{finding.severity} {finding}".replace(f"{self.root}/", "") for finding in found)
        messages = "".join(f"{line}\n" for line in lines)
        files = {f"expected/{self.package}/{path}": file.text for path, file in rendered.items()}
        return {"messages.txt": messages, **files}

    def expected(self) -> dict[str, str]:
        """What the folder holds."""
        found = [self.root / "messages.txt", *(self.root / "expected").rglob("*.py")]
        return {path.relative_to(self.root).as_posix(): path.read_text() for path in found if path.is_file()}


def cases() -> list[Case]:
    """All of them, by name."""
    return [Case(path) for path in sorted(CASES.iterdir()) if path.is_dir()]
