"""A copy of this repository's contracts, kept in Git, that a test may change."""

import shutil
import subprocess
from pathlib import Path

__all__ = ["Library"]

ROOT = Path(__file__).parents[3]


class Library:
    """The specs and the generated code of the two services."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        for name in ("specs", "generated"):
            shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
        shutil.copy(ROOT / "pyproject.toml", folder)
        self.git("init", "--quiet")
        self.commit()

    def git(self, *arguments: str) -> None:
        identity = ["-c", "user.name=Somebody", "-c", "user.email=somebody@example.org"]
        subprocess.run(["git", *identity, *arguments], cwd=self.folder, check=True, capture_output=True)

    def commit(self) -> None:
        self.git("add", "--all")
        self.git("commit", "--quiet", "--message", "As it is")

    def change(self, file: str, before: str, after: str) -> None:
        """Put one text in place of another, which has to be there."""
        path = self.folder / "specs" / file
        text = path.read_text()
        assert before in text, f"{file} has no {before!r}"
        path.write_text(text.replace(before, after, 1))

    def shorten_names(self) -> None:
        """A breaking change of a schema that requests, answers and events use."""
        self.change("authors.openapi.yaml", NAME, NAME.replace("200", "100"))


NAME = """    AuthorName:
      type: string
      description: The name under which the author publishes.
      minLength: 1
      maxLength: 200
"""
