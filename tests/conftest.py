"""What all tests share."""

import os
from pathlib import Path

import pytest
from hypothesis import settings

settings.register_profile("passeport", deadline=None)  # a busy machine is no failure
settings.load_profile("passeport")


@pytest.fixture(scope="session")
def fixtures() -> Path:
    """The folder of official vectors and real data; not part of the repository."""
    folder = os.environ.get("PASSEPORT_FIXTURES")
    if not folder:
        pytest.skip("PASSEPORT_FIXTURES is not set: official vectors and real data are not at hand")
    return Path(folder)


@pytest.fixture(scope="session")
def full() -> bool:
    """Whether to take the time for large numbers (``make full``)."""
    return bool(os.environ.get("PASSEPORT_FULL"))
