"""The ledger: one place in a status list per credential, for ever; one content per reference."""

import datetime as dt
import hashlib
import itertools
import secrets
import sqlite3
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, suppress
from functools import partial
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from boundary.limits import STATUS_ENTRIES
from problems import ConflictError, LimitError, NotFoundError, Problem, UnavailableError
from storage.issuance import Completed, Draft, Intent, Listed, StatusKind, StatusValue
from storage.sqlite.issuance import SqliteLedger

NOW = dt.datetime(2026, 11, 21, tzinfo=dt.UTC)
LATER = NOW + dt.timedelta(days=1)


def draft(reference: str, form: str = "dc+sd-jwt", content: str = "claims") -> Draft:
    kind: StatusKind = "token" if form == "dc+sd-jwt" else "bitstring"
    return Draft(reference, form, kind, "diploma", hashlib.sha256(content.encode()).digest())


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "ledger.db"


@pytest.fixture
def ledger(path: Path) -> Iterator[SqliteLedger]:
    with closing(SqliteLedger(path)) as ledger:
        yield ledger


def rows(path: Path) -> list[tuple[str, str, int, int]]:
    with closing(sqlite3.connect(path)) as db:
        return db.execute("select reference, kind, list, slot from issuance order by rowid").fetchall()


def refused(act: Callable[[], object], kind: type[Problem], code: str) -> None:
    with pytest.raises(kind) as caught:
        act()
    assert caught.value.code == code


def fill(path: Path, places: int) -> None:
    """Take places of the first list of tokens, as issuances would."""
    with closing(sqlite3.connect(path)) as db, db:
        db.execute(
            "with recursive n(i) as (select 0 union all select i + 1 from n where i + 1 < ?)"
            " insert into issuance (id, reference, form, kind, template, content, list, slot, issued_at)"
            " select 'id' || i, 'taken' || i, 'dc+sd-jwt', 'token', 'diploma', x'00', 1, i, ? from n",
            (places, NOW.isoformat()),
        )


def test_an_intent_has_an_identity_and_a_place_before_anything_is_signed(ledger: SqliteLedger) -> None:
    [intent] = ledger.record([draft("A")], NOW)
    assert intent.body is None
    assert intent.issued_at == NOW
    assert intent.credential_id.startswith("urn:uuid:")
    assert 0 <= intent.status_index < STATUS_ENTRIES
    assert ledger.unfinished() == 1
    assert list(ledger.issued()) == []


def test_the_same_draft_again_is_the_same_intent(ledger: SqliteLedger, path: Path) -> None:
    first = ledger.record([draft("A"), draft("B")], NOW)
    assert ledger.record([draft("B"), draft("A"), draft("A")], LATER) == [first[1], first[0], first[0]]
    assert len(rows(path)) == 2


def test_two_forms_of_one_reference_share_neither_id_nor_place(ledger: SqliteLedger) -> None:
    one, two = ledger.record([draft("A"), draft("A", "ecdsa-sd-2023")], NOW)
    assert one.credential_id != two.credential_id
    assert (one.draft.kind, one.status_index) != (two.draft.kind, two.status_index)


@pytest.mark.parametrize("form", ["dc+sd-jwt", "ecdsa-sd-2023"], ids=["same-form", "another-form"])
def test_a_reference_has_one_content_and_a_conflict_records_nothing(
    ledger: SqliteLedger, path: Path, form: str
) -> None:
    ledger.record([draft("A")], NOW)
    other = [draft("B"), draft("A", form, content="other claims")]
    refused(lambda: ledger.check(other), ConflictError, "issue.reference_taken")
    refused(lambda: ledger.record(other, NOW), ConflictError, "issue.reference_taken")
    assert [row[0] for row in rows(path)] == ["A"]


def test_what_is_kept_is_handed_over_and_never_replaced(ledger: SqliteLedger) -> None:
    """Two processes sign the same intent: the bytes of the faster one are the credential."""
    [intent] = ledger.record([draft("A")], NOW)
    assert ledger.complete([Completed(intent.credential_id, b"first")]) == [b"first"]
    assert ledger.complete([Completed(intent.credential_id, b"second")]) == [b"first"]
    [again] = ledger.record([draft("A")], LATER)
    assert again.body == b"first"
    assert list(ledger.issued()) == [again]
    assert ledger.unfinished() == 0


def test_nothing_is_completed_that_was_not_recorded(ledger: SqliteLedger) -> None:
    [intent] = ledger.record([draft("A")], NOW)
    signed = [Completed(intent.credential_id, b"body"), Completed("urn:uuid:unknown", b"body")]
    refused(lambda: ledger.complete(signed), NotFoundError, "issue.unrecorded")
    assert ledger.unfinished() == 1, "all of a batch or nothing"


def test_indexes_are_drawn_at_random_over_the_whole_list(ledger: SqliteLedger) -> None:
    """In a row they would tell who was issued together, and how many there are."""
    intents = ledger.record([draft(f"R{number}") for number in range(400)], NOW)
    indexes = [intent.status_index for intent in intents]
    assert len(set(indexes)) == 400
    steps = Counter(after - before for before, after in itertools.pairwise(indexes))
    assert max(steps.values()) < 5
    assert min(indexes) < STATUS_ENTRIES // 10
    assert max(indexes) > STATUS_ENTRIES * 9 // 10


def test_a_place_that_is_taken_is_never_given_again(path: Path) -> None:
    drawn = iter([7, 7, 7, 9, 9, 1])
    with closing(SqliteLedger(path, lambda _: next(drawn))) as ledger:
        intents = ledger.record([draft("A"), draft("B"), draft("C")], NOW)
    assert [intent.status_index for intent in intents] == [7, 9, 1]


def test_the_database_itself_refuses_a_place_twice(ledger: SqliteLedger, path: Path) -> None:
    """Whatever the code above it does."""
    [intent] = ledger.record([draft("A")], NOW)
    with closing(sqlite3.connect(path)) as db, pytest.raises(sqlite3.IntegrityError):
        db.execute(
            "insert into issuance (id, reference, form, kind, template, content, list, slot, issued_at)"
            " values ('x', 'B', 'f', ?, 't', x'00', ?, ?, 'now')",
            (intent.draft.kind, intent.status_list, intent.status_index),
        )


@pytest.mark.parametrize("slot", [-1, STATUS_ENTRIES])
def test_the_database_itself_refuses_a_place_outside_the_list(
    ledger: SqliteLedger, path: Path, slot: int
) -> None:
    with closing(sqlite3.connect(path)) as db, pytest.raises(sqlite3.IntegrityError):
        db.execute(
            "insert into issuance (id, reference, form, kind, template, content, list, slot, issued_at)"
            " values ('x', 'B', 'f', 'token', 't', x'00', 1, ?, 'now')",
            (slot,),
        )


def test_no_luck_at_all_ends_plainly_and_records_nothing(path: Path) -> None:
    with closing(SqliteLedger(path, lambda _: 7)) as ledger:
        ledger.record([draft("A")], NOW)
        refused(lambda: ledger.record([draft("B")], NOW), LimitError, "issue.no_free_index")
    assert [row[0] for row in rows(path)] == ["A"]


def test_a_list_that_is_half_full_is_followed_by_the_next(ledger: SqliteLedger, path: Path) -> None:
    """Beyond half a random free place takes too many tries; the other kind of list goes on."""
    fill(path, STATUS_ENTRIES // 2 - 1)
    assert ledger.record([draft("last")], NOW)[0].status_list == 1
    intents = ledger.record([draft("next"), draft("next", "ecdsa-sd-2023")], NOW)
    assert [intent.status_list for intent in intents] == [2, 1]
    assert ledger.lists() == [("bitstring", 1), ("token", 1), ("token", 2)]


# status


def test_every_form_of_a_reference_is_revoked_at_once(ledger: SqliteLedger) -> None:
    token, bits, other = ledger.record([draft("A"), draft("A", "ecdsa-sd-2023"), draft("B")], NOW)
    assert ledger.set_status("A", "revoked", "reason", NOW) == 2
    assert list(ledger.listed("token", 1)) == [Listed(token.status_index, "revoked")]
    assert list(ledger.listed("bitstring", 1)) == [Listed(bits.status_index, "revoked")]
    assert other.status_index not in {entry.index for entry in ledger.listed("token", 1)}


def test_a_suspension_is_lifted(ledger: SqliteLedger) -> None:
    ledger.record([draft("A")], NOW)
    ledger.set_status("A", "suspended", "doubt", NOW)
    assert [entry.value for entry in ledger.listed("token", 1)] == ["suspended"]
    ledger.set_status("A", "valid", "no doubt", NOW)
    assert list(ledger.listed("token", 1)) == []


@pytest.mark.parametrize("value", ["valid", "suspended"])
def test_a_revocation_is_final(ledger: SqliteLedger, value: StatusValue) -> None:
    ledger.record([draft("A")], NOW)
    ledger.set_status("A", "suspended", "doubt", NOW)
    ledger.set_status("A", "revoked", "fraud", NOW)
    refused(lambda: ledger.set_status("A", value, "mercy", NOW), ConflictError, "issue.revocation_is_final")
    assert [entry.value for entry in ledger.listed("token", 1)] == ["revoked"]


def test_revoking_again_keeps_the_first_reason_and_time(ledger: SqliteLedger, path: Path) -> None:
    ledger.record([draft("A")], NOW)
    ledger.set_status("A", "revoked", "fraud", NOW)
    assert ledger.set_status("A", "revoked", "again", LATER) == 1
    with closing(sqlite3.connect(path)) as db:
        [said] = db.execute("select status_reason, status_at from issuance").fetchall()
    assert said == ("fraud", NOW.isoformat())


def test_an_unknown_reference_has_no_status(ledger: SqliteLedger) -> None:
    refused(lambda: ledger.set_status("A", "revoked", "", NOW), NotFoundError, "issue.reference_unknown")


def test_a_credential_is_found_by_its_own_id(ledger: SqliteLedger) -> None:
    one, two = ledger.record([draft("A"), draft("A", "ecdsa-sd-2023")], NOW)
    assert [ledger.reference_of(intent.credential_id) for intent in (one, two)] == ["A", "A"]
    assert ledger.reference_of("A") is None


def test_no_new_form_of_what_is_revoked(ledger: SqliteLedger, path: Path) -> None:
    """It would be a valid copy of a withdrawn award."""
    [done] = ledger.record([draft("A")], NOW)
    ledger.set_status("A", "revoked", "fraud", NOW)
    late = [draft("A", "ecdsa-sd-2023")]
    refused(lambda: ledger.check(late), ConflictError, "issue.revocation_is_final")
    refused(lambda: ledger.record(late, NOW), ConflictError, "issue.revocation_is_final")
    assert len(rows(path)) == 1
    assert ledger.record([draft("A")], LATER) == [done], "the form that was issued is still found"


def test_a_new_form_of_what_is_suspended_is_suspended(ledger: SqliteLedger) -> None:
    ledger.record([draft("A")], NOW)
    ledger.set_status("A", "suspended", "doubt", NOW)
    [late] = ledger.record([draft("A", "ecdsa-sd-2023")], NOW)
    assert list(ledger.listed("bitstring", 1)) == [Listed(late.status_index, "suspended")]


# many at once


WORKER = """
import datetime as dt, sys
from pathlib import Path
from storage.issuance import Completed, Draft
from storage.sqlite.issuance import SqliteLedger

path, name, count, shared = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
now = dt.datetime(2026, 11, 21, tzinfo=dt.UTC)
ledger = SqliteLedger(path)
references = [f"{name}-{n}" for n in range(count)] + [f"shared-{n}" for n in range(shared)]
for reference in references:
    forms = (("dc+sd-jwt", "token"), ("di", "bitstring"))
    drafts = [Draft(reference, form, kind, "t", b"c") for form, kind in forms]
    intents = ledger.record(drafts, now)
    ledger.complete([Completed(i.credential_id, f"{name} {i.credential_id}".encode()) for i in intents])
"""


def test_processes_at_once_lose_nothing_and_share_no_place(path: Path, full: bool) -> None:
    """Also the first opening, in which each wants to make the tables; no "database is locked"."""
    count, shared = (500, 100) if full else (40, 15)
    workers = [
        subprocess.Popen(
            [sys.executable, "-c", WORKER, str(path), f"worker{number}", str(count), str(shared)],
            stderr=subprocess.PIPE,
            text=True,
        )
        for number in range(4)
    ]
    told = [worker.communicate()[1] for worker in workers]
    assert [worker.returncode for worker in workers] == [0] * 4, told
    found = rows(path)
    assert len(found) == 2 * (4 * count + shared)
    assert len({(kind, number, slot) for _, kind, number, slot in found}) == len(found)
    with closing(SqliteLedger(path)) as ledger:
        assert ledger.unfinished() == 0


def test_the_first_to_open_a_file_does_not_put_off_the_others(tmp_path: Path, full: bool) -> None:
    """Whoever looks while the tables are being made sees a file of ours, or one that is still empty."""
    with ThreadPoolExecutor(6) as threads:
        for round_ in range(200 if full else 30):
            start = threading.Barrier(6)

            def look(_: int, path: Path = tmp_path / f"{round_}.db", start: threading.Barrier = start) -> int:
                start.wait()
                with closing(SqliteLedger(path)) as own:
                    return own.unfinished()

            assert list(threads.map(look, range(6))) == [0] * 6


def test_threads_at_once_lose_nothing_and_share_no_place(path: Path) -> None:
    def work(number: int) -> list[Intent]:
        with closing(SqliteLedger(path)) as own:
            return [own.record([draft(f"{number}-{n}"), draft(f"shared-{n}")], NOW)[1] for n in range(20)]

    with ThreadPoolExecutor(8) as threads:
        shared = list(threads.map(work, range(8)))
    assert all(intents == shared[0] for intents in shared), "whoever asks gets the same intent"
    assert len({row[1:] for row in rows(path)}) == len(rows(path)) == 8 * 20 + 20


@given(
    references=st.lists(st.tuples(st.sampled_from("ABC"), st.sampled_from("xyz")), max_size=30),
    draws=st.lists(st.integers(0, 5), min_size=1),
)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_is_asked_in_whatever_order_holds(
    tmp_path: Path, references: list[tuple[str, str]], draws: list[int]
) -> None:
    """A model: a reference keeps its first content, a place is given once, however bad the dice."""
    path = tmp_path / f"{secrets.token_hex(8)}.db"
    dice = iter(draws)
    known: dict[str, str] = {}
    with closing(SqliteLedger(path, lambda _: next(dice, secrets.randbelow(STATUS_ENTRIES)))) as ledger:
        for reference, content in references:
            wanted = draft(reference, content=content)
            if known.setdefault(reference, content) == content:
                assert ledger.record([wanted], NOW)[0].draft == wanted
            else:
                refused(partial(ledger.record, [wanted], NOW), ConflictError, "issue.reference_taken")
    found = rows(path)
    assert {row[0] for row in found} == known.keys()
    assert len({row[1:] for row in found}) == len(found)


# a damaged file


def every_read(path: Path) -> None:
    with closing(SqliteLedger(path)) as ledger:
        ledger.check([draft("A1")])
        for kind, number in ledger.lists():
            list(ledger.listed(kind, number))
        list(ledger.issued())
        ledger.unfinished()
        ledger.record([draft("new")], NOW)


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    path = tmp_path_factory.mktemp("sound") / "ledger.db"
    with closing(SqliteLedger(path)) as ledger:
        for number in range(60):
            intents = ledger.record([draft(f"A{number}"), draft(f"A{number}", "ecdsa-sd-2023")], NOW)
            ledger.complete([Completed(intent.credential_id, bytes(700)) for intent in intents])
        ledger.set_status("A1", "revoked", "", NOW)
    return path.read_bytes()


@given(data=st.data())
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_damaged_file_ends_in_a_problem(tmp_path: Path, sound: bytes, data: st.DataObject) -> None:
    damaged, anywhere = bytearray(sound), st.integers(0, 2**24)  # the file is not always as large
    for _ in range(data.draw(st.integers(1, 8))):
        start = data.draw(anywhere) % len(damaged)
        junk = data.draw(st.binary(min_size=1, max_size=400))
        damaged[start : start + len(junk)] = junk
    path = tmp_path / f"{secrets.token_hex(8)}.db"
    path.write_bytes(damaged[: data.draw(anywhere) % len(damaged) + 1])
    with suppress(Problem):
        every_read(path)


@pytest.mark.parametrize(
    "read",
    [
        lambda ledger: ledger.check([draft("A1")]),
        lambda ledger: ledger.lists(),
        lambda ledger: list(ledger.listed("token", 1)),
        lambda ledger: list(ledger.issued()),
        lambda ledger: ledger.unfinished(),
    ],
    ids=["check", "lists", "listed", "issued", "unfinished"],
)
def test_a_read_that_meets_a_torn_page_says_so(
    path: Path, sound: bytes, read: Callable[[SqliteLedger], object]
) -> None:
    path.write_bytes(sound)
    with closing(SqliteLedger(path)) as ledger:
        torn = path.read_bytes()
        path.write_bytes(torn[:4096] + b"\xff" * (len(torn) - 4096))
        refused(lambda: read(ledger), UnavailableError, "storage.damaged")


def test_a_day_that_is_none_is_damage(path: Path, ledger: SqliteLedger) -> None:
    ledger.record([draft("A")], NOW)
    with closing(sqlite3.connect(path)) as db, db:
        db.execute("update issuance set issued_at = 'yesterday'")
    refused(lambda: ledger.check([draft("A")]), UnavailableError, "storage.damaged")


def test_what_has_become_of_a_reference(ledger: SqliteLedger) -> None:
    """Of all its forms together, which are never of two minds but while one joins."""
    ledger.record([draft("A"), draft("A", "ecdsa-sd-2023"), draft("B")], NOW)
    assert ledger.status("A") == "valid"
    for value in ("suspended", "valid", "revoked"):
        ledger.set_status("A", value, "reason", LATER)
        assert ledger.status("A") == value
    assert ledger.status("B") == "valid"
    assert ledger.status("C") is None
