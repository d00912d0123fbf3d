"""What is over does not stay: secrets, grants, and what was said of people."""

import sqlite3
import threading
from contextlib import closing

from passeport.serve.tidy import tidy, tidying


def rows(certifier, database, query):
    with closing(sqlite3.connect(certifier.house.settings.database(database))) as db:
        return db.execute(query).fetchone()[0]


def test_everything_that_is_over_is_removed(certifier):
    wallet = certifier.wallet().take_up(certifier.read(certifier.offer()))
    assert wallet.fetch().status_code == 200
    certifier.offer("R-never-claimed")
    assert rows(certifier, "once", "select count(*) from once") > 0
    certifier.clock.passes(days=31)
    assert tidy(certifier.house) > 0
    assert rows(certifier, "once", "select count(*) from once") == 0
    assert rows(certifier, "grants", "select count(*) from grant_") == 0
    assert rows(certifier, "offers", "select count(*) from offer where claims is not null or code <> ''") == 0
    stored = b"".join(path.read_bytes() for path in (certifier.house.settings.home / "service").iterdir())
    assert "DÉMONSTRATION".encode() not in stored, "not in a free page or the log either"


def test_it_goes_on_beside_the_service_and_ends_with_it(certifier):
    seen = threading.Event()
    certifier.house.forgetting.append(lambda now: seen.set() or 0)
    with tidying(certifier.house, every=0.001):
        assert seen.wait(10)
