"""The strangers, one Node process per test module."""

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import contexts

sys.path.append(str(Path(__file__).parent))  # tests are no package: what they share has names of its own

from strangers import Strangers, Unavailable, install


@pytest.fixture(scope="session")
def node_packages() -> Path:
    """The folder of the independent implementations; without them tests are skipped, in CI they fail."""
    try:
        return install()
    except Unavailable as reason:
        if os.environ.get("CI"):
            raise
        pytest.skip(f"independent implementations are not at hand: {reason}")


@pytest.fixture(scope="module")
def strangers(node_packages: Path) -> Iterator[Strangers]:
    """They answer from one Node process, and know the contexts that we pin."""
    with Strangers({url: contexts.PRODUCT.load(url) for url in contexts.PRODUCT.pins}) as process:
        yield process
