"""A small project to generate from, to break, and to compare."""

import shutil
from dataclasses import dataclass
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from accord.cli import main

HERE = Path(__file__).parent


@dataclass(frozen=True)
class Workshop:
    """A project in a folder of its own."""

    root: Path

    @property
    def output(self) -> Path:
        return self.root / "made"

    def path(self, name: str) -> Path:
        return self.root / name if name == "pyproject.toml" else self.root / "specs" / name

    def edit(self, name: str, old: str, new: str) -> None:
        """Replace what must be there exactly once."""
        text = self.path(name).read_text()
        assert text.count(old) == 1, f"{name} holds {old!r} {text.count(old)} times"
        self.path(name).write_text(text.replace(old, new))

    def accord(self, *arguments: str) -> Result:
        result = CliRunner().invoke(main, [*arguments, "--project", str(self.root)])
        assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
        return result

    def state(self) -> dict[str, tuple[bytes, int]]:
        """Content and time of change of each file of the output."""
        return {
            path.relative_to(self.output).as_posix(): (path.read_bytes(), path.stat().st_mtime_ns)
            for path in sorted(self.output.rglob("*"))
            if path.is_file()
        }


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Workshop:
    """A copy of the small project; commands run in its folder."""
    shutil.copytree(HERE / "shop", tmp_path, dirs_exist_ok=True)
    monkeypatch.chdir(tmp_path)
    return Workshop(tmp_path)


@pytest.fixture(scope="session")
def made_shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The small project with its output; not to be changed."""
    root = tmp_path_factory.mktemp("made_shop")
    shutil.copytree(HERE / "shop", root, dirs_exist_ok=True)
    assert Workshop(root).accord("generate").exit_code == 0
    return root


@pytest.fixture(scope="session")
def wide(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project with every kind of schema and name, and its output; not to be changed."""
    root = tmp_path_factory.mktemp("wide")
    shutil.copytree(HERE / "wide", root, dirs_exist_ok=True)
    result = Workshop(root).accord("generate")
    assert result.exit_code == 0, result.output
    return root
