"""The stores that must keep the contracts: SQLite today; another engine is one more line in each list."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from storage.once import OnceStore
from storage.sqlite.once import SqliteOnce


@pytest.fixture(params=[SqliteOnce])
def once(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[OnceStore]:
    with closing(request.param(tmp_path / "once.db")) as store:
        yield store
