"""What is kept for a second pass comes back as it was, and stands under no name."""

from pathlib import Path

import pytest

from passeport.spool import Spool


@pytest.mark.parametrize("count", [0, 1, 99, 100, 101, 250])
def test_what_was_added_comes_back_in_order_as_often_as_need_be(tmp_path: Path, count: int) -> None:
    items = [(n, {"name": "Élodie", "blocks": [{"code": f"BC{n}"}]}) for n in range(count)]
    with Spool[tuple](tmp_path) as kept:
        for item in items:
            kept.add(item)
        assert list(kept) == list(kept) == items


def test_nobody_else_finds_it(tmp_path: Path) -> None:
    """It holds people's names: in no folder, not even while it is read."""
    with Spool[str](tmp_path) as kept:
        for _ in range(1000):
            kept.add("FICTIF")
        assert next(iter(kept)) == "FICTIF"
        assert list(tmp_path.iterdir()) == []
