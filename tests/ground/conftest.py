"""Data folders for the tests of the ground; none leaves a database server behind."""

import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from portal.ground import keeper
from portal.ground.embedded import Server


def temporary_folder() -> Path:
    """Not pytest's own tmp_path: when root runs the tests, PostgreSQL's account may not enter that."""
    folder = Path(tempfile.mkdtemp(prefix="portal-"))
    folder.chmod(0o711)
    return folder


@pytest.fixture
def fresh() -> Iterator[Path]:
    """A data folder with nothing in it."""
    folder = temporary_folder()
    yield folder
    Server(folder).stop()
    shutil.rmtree(folder)


@pytest.fixture(scope="session")
def once_started() -> Iterator[Path]:
    folder = temporary_folder()
    with keeper.kept(folder):
        pass
    yield folder
    shutil.rmtree(folder)


@pytest.fixture
def data(fresh: Path, once_started: Path) -> Path:
    """A data folder whose database has been made and is stopped."""
    subprocess.run(["cp", "-a", once_started / "postgres", fresh / "postgres"], check=True)
    return fresh
