"""The strangers: one Node process per test module."""

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import contexts

sys.path.append(str(Path(__file__).parent))  # tests are no package: what they share has names of its own

from strangers import Strangers, Unavailable


@pytest.fixture(scope="module")
def strangers() -> Iterator[Strangers]:
    """Independent implementations on Node; without them tests are skipped, in CI they fail."""
    try:
        process = Strangers({url: contexts.PRODUCT.load(url) for url in contexts.PRODUCT.pins})
    except Unavailable as reason:
        if os.environ.get("CI"):
            raise
        pytest.skip(f"independent implementations are not at hand: {reason}")
    with process:
        yield process
