"""What all tests share."""

import os
from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def fixtures() -> Path:
    """The folder of official vectors and real data; not part of the repository."""
    folder = os.environ.get("PASSEPORT_FIXTURES")
    if not folder:
        pytest.skip("PASSEPORT_FIXTURES is not set: official vectors and real data are not at hand")
    return Path(folder)
