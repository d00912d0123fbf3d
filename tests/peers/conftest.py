"""The strangers, one Node process per test module."""

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

sys.path.append(str(Path(__file__).parent))  # tests are no package: what they share has names of its own

from strangers import Strangers, Unavailable, install


@pytest.fixture(scope="session")
def node() -> Path:
    """Node, with the independent implementations installed; else tests are skipped, in CI they fail."""
    try:
        return install()
    except Unavailable as reason:
        if os.environ.get("CI"):
            raise
        pytest.skip(f"independent implementations are not at hand: {reason}")


@pytest.fixture(scope="module")
def strangers(node: Path) -> Iterator[Strangers]:
    """They answer from one Node process."""
    with Strangers() as process:
        yield process
