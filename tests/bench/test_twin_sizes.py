"""The table of sizes in the documentation is the one that the program makes."""

import sys
from pathlib import Path

sys.path.append(str(Path(__file__).parent))  # tests are no package

import twin_sizes

DOCUMENT = Path(__file__).parents[2] / "docs" / "offline-twin.md"


def test_the_documented_table_is_that_of_today() -> None:
    _, _, table = DOCUMENT.read_text("utf-8").partition(twin_sizes.HEAD)
    assert (twin_sizes.HEAD + table).splitlines() == list(twin_sizes.lines())


def test_a_twin_fits_where_a_webcam_reads_it() -> None:
    """Up to version 15, of which a picture of 640 by 480 still has two and a half pixels per module."""
    for line in list(twin_sizes.lines())[2:]:
        version = int(line.split("|")[6].split()[0])
        assert version <= 15, line
