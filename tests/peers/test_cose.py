"""COSE_Sign1, credentials, lists and twins between ours and an implementation on Node, in both directions."""

import datetime as dt
import json
from typing import Any

import pytest
from strangers import Refused, Strangers

from boundary import cbor
from credentials import digests, twin
from credentials.status import StatusReference, check_status, token, token_cwt
from credentials.twin import TwinKind
from exchange import offline
from keys.dids.key import DidKey, did
from keys.jwk import from_jwk, to_jwk
from keys.local import LocalSigner
from keys.signer import Algorithm
from problems import Problem
from proofs import SUITES
from proofs.cose import cwt, envelope, sign1

pytestmark = pytest.mark.node

NOW = dt.datetime(2026, 11, 21, 8, 0, tzinfo=dt.UTC)
ALGORITHMS: tuple[Algorithm, ...] = ("P-256", "P-384", "Ed25519")
URI = "https://certificateur.example/status/token/1"


def _read(strangers: Strangers, message: bytes, signer: LocalSigner, external: bytes = b"") -> Any:
    return strangers.ask(
        "verifyCose", jwk=to_jwk(signer.public_key), message=message.hex(), external=external.hex()
    )


@pytest.fixture(params=ALGORITHMS)
def algorithm(request: pytest.FixtureRequest) -> Algorithm:
    return request.param


def test_they_read_ours(strangers: Strangers, algorithm: Algorithm) -> None:
    signer = LocalSigner.generate(algorithm)
    message = sign1.sign(
        {sign1.TYP: "application/x", sign1.KID: b"key-1"}, b"content", signer, external=b"more"
    )
    assert _read(strangers, message, signer, b"more") == {"payload": b"content".hex(), "typ": "application/x"}
    for bent in (message[:-1] + bytes([message[-1] ^ 1]), message.replace(b"content", b"contend")):
        with pytest.raises(Refused):
            _read(strangers, bent, signer, b"more")
    with pytest.raises(Refused):
        _read(strangers, message, signer, b"less")


def test_we_read_theirs(strangers: Strangers, algorithm: Algorithm) -> None:
    key = strangers.ask("generateKey", algorithm=algorithm)
    header = [[sign1.TYP, "application/x"], [sign1.KID, "key-1"]]
    given = {"key": key["verificationMethod"], "header": header, "payload": b"content".hex()}
    data = bytes.fromhex(strangers.ask("signCose", **given, external=b"more".hex()))
    message = sign1.parse(data)
    sign1.verify(message, from_jwk(key["publicJwk"]), typ={"application/x"}, external=b"more")
    assert (message.payload, sign1.key_id(message)) == (b"content", b"key-1")
    with pytest.raises(Problem):
        sign1.verify(message, from_jwk(key["publicJwk"]), typ={"application/x"}, external=b"less")


def test_a_credential_of_ours(strangers: Strangers, algorithm: Algorithm) -> None:
    signer = LocalSigner.generate(algorithm)
    document = {
        "@context": ["https://www.w3.org/ns/credentials/v2"],
        "type": ["VerifiableCredential"],
        "issuer": did(signer.public_key),
        "credentialSubject": {"id": "urn:uuid:0"},
    }
    read = _read(strangers, envelope.secure("vc+cose", document, {"iat": 1_790_000_000}, signer), signer)
    assert (json.loads(bytes.fromhex(read["payload"])), read["typ"]) == (document, "application/vc+cose")


def test_a_credential_of_theirs(strangers: Strangers, algorithm: Algorithm) -> None:
    key = strangers.ask("generateKey", algorithm=algorithm)
    name = key["verificationMethod"]
    document = {
        "@context": ["https://www.w3.org/ns/credentials/v2"],
        "type": ["VerifiableCredential"],
        "issuer": name.partition("#")[0],
        "credentialSubject": {"id": "urn:uuid:0"},
    }
    header = [[sign1.TYP, "application/vc+cose"], [sign1.CONTENT_TYPE, "application/vc"], [sign1.KID, name]]
    payload = json.dumps(document).encode().hex()
    data = bytes.fromhex(strangers.ask("signCose", key=name, header=header, payload=payload))
    verified = envelope.verify("vc+cose", data, DidKey(), audience=None)
    assert (verified.document, verified.key.controller) == (document, document["issuer"])


def test_a_list_of_ours(strangers: Strangers, algorithm: Algorithm) -> None:
    signer = LocalSigner.generate(algorithm)
    payload = token.list_payload(URI, {7: "revoked"}, issued_at=NOW, ttl=dt.timedelta(hours=1))
    read = _read(strangers, token_cwt.sign_list(payload, signer), signer)
    assert read["typ"] == "application/statuslist+cwt"
    claims = dict(strangers.ask("readClaims", payload=read["payload"]))
    assert claims == {cwt.SUB: URI, cwt.IAT: int(NOW.timestamp()), cwt.TTL: 3_600}


def test_a_list_of_theirs(strangers: Strangers, algorithm: Algorithm) -> None:
    """Theirs are our claims, under their signature and in their encoding of it."""
    key = strangers.ask("generateKey", algorithm=algorithm)
    name = key["verificationMethod"]
    packed = token.list_payload(URI, {7: "revoked"}, issued_at=NOW)
    claims = cwt.claims(sign1.parse(token_cwt.sign_list(packed, LocalSigner.generate("P-256"))))
    header = [[sign1.TYP, token_cwt.MEDIA_TYPE], [sign1.KID, name]]
    message = strangers.ask("signCose", key=name, header=header, payload=cbor.write(dict(claims)).hex())
    known = {"issuer": name.partition("#")[0], "keys": DidKey(), "suites": SUITES, "now": NOW}
    for index, state in ((7, "revoked"), (8, "valid")):
        answer = check_status(StatusReference("token", URI, index), bytes.fromhex(message), **known)
        assert answer.state == state


@pytest.mark.parametrize("kind", ["paper", "screen"])
def test_a_twin_of_ours(strangers: Strangers, kind: TwinKind) -> None:
    """Both signatures of what is shown: the issuer's and, on a screen, the holder's over the whole twin."""
    from credentials.facts import Facts
    from credentials.shown import ShownItem

    issuer = LocalSigner.generate("P-256", "did:web:certificateur.example#key-1")
    holder = LocalSigner.generate("P-256")
    words = {"fr": "", "en": ""}
    values = {"given_name": "Camille", "family_name": "FICTIVE", "birthdate": "2000-02-29"}
    shown = tuple(ShownItem(name, words, {}, value, True) for name, value in values.items())
    facts = Facts(
        kind="diploma", title="Diplôme fictif", issuer_id="did:web:certificateur.example", issuer_name=None,
        issued_on=NOW, valid_from=NOW, valid_until=None, awarded_on=NOW.date(), holder_id=None,
        holder_key=holder.public_key, self_declared=False, status=(), shown=shown, skills=(),
        endorsement=None,
    )  # fmt: skip
    named = (("sd-jwt-issuer-jwt", digests.multihash(b"x")),)
    signed = twin.issue(facts, kind, named, StatusReference("token", URI, 7), issuer)
    read = _read(strangers, sign1.TAG + signed, issuer)
    assert read["typ"] == "pptwin+cwt"
    if kind == "screen":
        parts: Any = cbor.read(offline.screen(signed, holder, NOW))
        proof = sign1.TAG + cbor.write(parts[2])
        external = b"passeport-proof-v1" + signed
        claims = strangers.ask("readClaims", payload=_read(strangers, proof, holder, external)["payload"])
        assert claims == [[cwt.IAT, int(NOW.timestamp())]]
        with pytest.raises(Refused):
            _read(strangers, proof, holder, external + b"x")
