"""No key is used that the log does not tell; when it cannot be written, none is used at all."""

import sqlite3
from contextlib import closing

import pytest

from keys.local import LocalSigner
from keys.signer import MessagesSigner
from passeport import anchor
from passeport.serve.audited import Anchor, AuditedMessagesSigner, AuditedSigner, KeyUse
from problems import UnavailableError
from storage.audit import verify
from storage.issuance import Draft

BROKEN = "create trigger full before insert on {} begin select raise(abort, 'disk full'); end"


def break_log(home, *tables):
    """What a full disk does to it: nothing is added any more."""
    with closing(sqlite3.connect(home / "service" / "audit.db")) as db:
        for number, table in enumerate(tables or ("entry", "beat")):
            db.execute(BROKEN.format(table).replace("full before", f"full{number} before"))
        db.commit()


def desk(place):
    return place.house.organisations.get("centre").desk("P-256")


def test_a_use_of_a_key_stands_in_the_log_before_it(place):
    signer = desk(place).signer
    assert place.said() == [("service", "key.use", "key-1", "done")]
    signer.sign(b"data")
    place.clock.passes(seconds=59)
    desk(place).signer.sign(b"data")
    assert len(place.said()) == 1, "one entry for each key and minute"
    place.clock.passes(seconds=1)
    signer.sign(b"data")
    assert len(place.said()) == 2, "also for a desk that somebody kept"


def test_what_cannot_be_written_down_is_not_signed(place, home):
    kept = desk(place)
    break_log(home)
    with pytest.raises(UnavailableError, match=r"audit\.unavailable") as refused:
        desk(place)
    assert refused.value.status == 503
    place.clock.passes(minutes=1)
    with pytest.raises(UnavailableError, match=r"audit\.unavailable"):
        kept.signer.sign(b"data")
    with pytest.raises(UnavailableError, match=r"audit\.unavailable"):
        kept.for_tokens.sign(b"data")


def test_nothing_is_changed_that_cannot_be_written_down(place, home):
    admin = place.browser("administrator")
    break_log(home, "entry")
    body = {"roles": ["operator"]}
    for answer in (
        admin.put("/organisations/centre/members/a-support", json=body),
        admin.post("/organisations/centre/api-keys", json=body),
        admin.put("/organisations/centre/profile", json={"name": "Autre"}),
        place.http().post("/session", json={"login": "operator", "passphrase": "quatre mots de passe"}),
    ):
        assert (answer.status_code, answer.json()["code"]) == (503, "audit.unavailable")
    assert place.house.people.members.memberships("a-support") == {"centre": {"support"}}
    assert [*place.house.people.members.keys("centre")] == []
    assert admin.get("/organisations/centre").json()["name"] == "Centre (fictif)"


def drafts(count):
    return [Draft(f"R-{n}", "dc+sd-jwt", "token", "diploma", bytes([n])) for n in range(count)]


def test_what_is_issued_and_withdrawn_stands_there_by_number_and_opaque_id(place):
    ledger = place.house.organisations.get("centre").ledger
    [one] = ledger.record(drafts(1), place.clock())
    ledger.record(drafts(3), place.clock())
    ledger.set_status("R-0", "revoked", "erreur de jury", place.clock())
    entries = [entry.event for entry in place.house.audit.entries()]
    assert [(event.what, event.count, event.outcome) for event in entries] == [
        ("credentials.issue", 1, "done"),
        ("credentials.issue", 3, "done"),
        ("credentials.revoked", 1, "started"),
        ("credentials.revoked", 1, "done"),
    ]
    assert entries[0].on == entries[2].on == one.credential_id
    assert not any(text in str(entries) for text in ("R-0", "erreur"))
    assert verify(place.house.audit.entries())


def test_nothing_is_issued_or_withdrawn_without_the_log(place, home):
    ledger = place.house.organisations.get("centre").ledger
    ledger.record(drafts(1), place.clock())
    break_log(home)
    with pytest.raises(UnavailableError, match=r"audit\.unavailable"):
        ledger.record(drafts(2), place.clock())
    with pytest.raises(UnavailableError, match=r"audit\.unavailable"):
        ledger.set_status("R-0", "revoked", "", place.clock())
    assert ledger.status("R-0") == "valid"


def test_a_clock_that_was_put_back_stops_signing(place):
    desk(place)
    place.clock.passes(days=-365)
    with pytest.raises(UnavailableError, match=r"audit\.clock"):
        desk(place)


def test_signers_of_many_messages_stay_so(place):
    use = KeyUse(place.house.audit, "centre", place.clock)
    many = AuditedMessagesSigner(LocalSigner.generate("Bls12381G2"), use)
    assert isinstance(many, MessagesSigner)
    assert not isinstance(AuditedSigner(LocalSigner.generate("P-256"), use), MessagesSigner)
    assert many.sign_messages(b"", [b"a", b"b"])
    assert many.public_bytes
    assert many.algorithm == "Bls12381G2"
    assert len(place.said()) == 1


def test_the_service_keeps_signed_heads_elsewhere(place, home, tmp_path):
    settings = place.house.settings.model_copy(update={"audit_heads": tmp_path / "heads.txt"})
    keep = Anchor(place.house.audit, settings)
    desk(place)
    keep(place.clock())
    keep(place.clock())
    place.clock.passes(minutes=2)
    desk(place)
    keep(place.clock())
    lines = (tmp_path / "heads.txt").read_text().splitlines()
    heads = anchor.read(lines, anchor.known_key(home / "service"))
    assert [head.number for head in heads] == [1, 2]
    assert verify(place.house.audit.entries(), heads) == heads[-1]


def test_no_head_is_signed_without_the_passphrase(place, home, tmp_path):
    settings = place.house.settings.model_copy(update={"passphrase": None})
    desk(place)
    Anchor(place.house.audit, settings)(place.clock())
    assert not (home / "service" / "audit-heads.txt").exists()
