"""Where the version to compare with comes from, and what is said if it comes from nowhere."""

import subprocess
from pathlib import Path

import pytest

from accord.changes.baseline import NoBaseline, baseline
from accord.findings import BrokenSpec
from accord.parsing.project import find_project
from tests.toolkit.changes.pairs import BASE, write


def git(folder: Path, *arguments: str) -> None:
    identity = ["-c", "user.name=x", "-c", "user.email=x@x", "-c", "init.defaultBranch=main"]
    subprocess.run(["git", "-C", str(folder), *identity, *arguments], check=True, capture_output=True)


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """A project in a folder of a repository, committed once, and changed since."""
    shop = write(tmp_path / "repository" / "shop")
    git(tmp_path / "repository", "init")
    git(shop, "add", ".")
    git(shop, "commit", "-m", "first")
    git(shop, "tag", "v1")
    spec = shop / "specs" / "shop.openapi.yaml"
    spec.write_text(spec.read_text().replace("placeOrder", "order"))
    return shop


def read(project: Path, against: str) -> set[str]:
    with baseline(find_project(project), against) as version:
        return {operation.id for operation in version.contract.services[0].operations}


@pytest.mark.parametrize("revision", ["HEAD", "v1", "main", "main~0"])
def test_a_revision_is_read_as_it_was(repository: Path, revision: str) -> None:
    assert "placeOrder" in read(repository, revision)


def test_places_are_those_of_the_revision(repository: Path) -> None:
    with baseline(find_project(repository), "v1") as version:
        operation = version.contract.services[0].operations[0]
        assert str(version.place(operation.location)).startswith("v1:specs/shop.openapi.yaml:")


def test_specs_lay_in_another_folder_then(repository: Path) -> None:
    git(repository, "mv", "specs", "contracts")
    settings = repository / "pyproject.toml"
    settings.write_text(settings.read_text().replace('"specs"', '"contracts"'))
    assert "placeOrder" in read(repository, "HEAD")


def test_a_folder_is_a_project_or_one_of_specs(repository: Path) -> None:
    assert "placeOrder" in read(repository, str(BASE))
    assert "placeOrder" in read(repository, str(BASE / "specs"))


@pytest.mark.parametrize("revision", ["v2", "", "--help", "HEAD:specs", "no such"])
def test_a_revision_that_is_none_is_a_sentence(repository: Path, revision: str) -> None:
    with pytest.raises(NoBaseline, match="There is neither a folder nor a Git revision"):
        read(repository, revision)


def test_a_folder_without_specs_is_a_sentence(repository: Path, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(NoBaseline, match="nor the spec"):
        read(repository, str(tmp_path / "empty"))


def test_a_project_outside_of_git_is_a_sentence(tmp_path: Path) -> None:
    shop = write(tmp_path / "shop")
    with pytest.raises(NoBaseline, match="is in no Git repository"):
        read(shop, "HEAD")


def test_a_revision_before_the_project_is_a_sentence(repository: Path) -> None:
    git(repository, "rm", "-q", "--cached", "pyproject.toml")
    git(repository, "commit", "-m", "second")
    with pytest.raises(NoBaseline, match=r"has no pyproject\.toml"):
        read(repository, "HEAD")


def test_a_revision_without_its_specs_is_a_sentence(repository: Path) -> None:
    git(repository, "rm", "-q", "-r", "--cached", "specs")
    git(repository, "commit", "-m", "second")
    with pytest.raises(NoBaseline, match="lacks something that its settings name"):
        read(repository, "HEAD")


def test_without_git_a_folder_can_be_named(repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    with pytest.raises(NoBaseline, match="Git is not installed: name a folder"):
        read(repository, "HEAD")


def test_a_broken_spec_of_a_revision_is_told_by_the_revision(repository: Path) -> None:
    spec = repository / "specs" / "shop.openapi.yaml"
    spec.write_text(f"{spec.read_text()}\nbroken: [")
    git(repository, "commit", "-a", "-m", "second")
    with pytest.raises(BrokenSpec) as broken:
        read(repository, "HEAD")
    (finding,) = broken.value.findings
    assert finding.location.path == "HEAD:specs/shop.openapi.yaml"
