"""VCDM documents in COSE: what is signed is the document, the envelope says the rest, nothing says both."""

import datetime as dt
import json
from typing import Any

import pytest

from boundary import cbor
from keys.dids.key import DidKey, did
from keys.jwk import to_jwk
from keys.local import LocalSigner
from problems import (
    DataLossError,
    InvalidChallengeError,
    InvalidDomainError,
    Problem,
    ProofGenerationError,
    ProofVerificationError,
)
from proofs.cose import envelope, sign1
from proofs.sd_jwt import HolderExpectation

NOW = dt.datetime(2026, 11, 21, 8, 0, tzinfo=dt.UTC)
ISSUER = LocalSigner.from_secret("P-256", b"\x11" * 32)
HOLDER = LocalSigner.from_secret("P-256", b"\x22" * 32)
STRANGER = LocalSigner.from_secret("P-256", b"\x33" * 32)
DOCUMENT: dict[str, Any] = {
    "@context": ["https://www.w3.org/ns/credentials/v2"],
    "type": ["VerifiableCredential"],
    "issuer": did(ISSUER.public_key),
    "credentialSubject": {"id": did(HOLDER.public_key)},
}
PRESENTATION: dict[str, Any] = {
    "@context": ["https://www.w3.org/ns/credentials/v2"],
    "type": ["VerifiablePresentation"],
    "holder": did(HOLDER.public_key),
}
CLAIMS: dict[str, Any] = {"iat": 1_790_000_000, "cnf": {"jwk": to_jwk(HOLDER.public_key)}}
ANSWER: dict[str, Any] = {"iat": int(NOW.timestamp()), "aud": "https://r.example", "nonce": "n-0S6_WzA2MjQ"}
EXPECTED = HolderExpectation("https://r.example", "n-0S6_WzA2MjQ", dt.timedelta(minutes=5))


def _secured(claims: Any = None, signer: LocalSigner = ISSUER, **members: Any) -> bytes:
    document = {name: value for name, value in (DOCUMENT | members).items() if value is not None}
    return envelope.secure("vc+cose", document, CLAIMS if claims is None else claims, signer)


def _bent(header: Any = None, document: Any = None, signer: LocalSigner = ISSUER, **claims: Any) -> bytes:
    """Return a message honestly signed over what we would not write."""
    message = sign1.parse(_secured())
    protected = dict(message.header) | (header or {})
    protected[15] = dict(protected[15]) | {int(name[1:]): value for name, value in claims.items()}
    protected = {name: value for name, value in protected.items() if value is not None}
    payload = message.payload if document is None else json.dumps(document).encode()
    raw = cbor.write(protected)
    signature = signer.sign(cbor.write(["Signature1", raw, b"", payload]))
    return sign1.TAG + cbor.write([raw, {}, payload, signature])


def _verify(data: bytes, audience: str | None = None) -> envelope.Verified:
    return envelope.verify("vc+cose", data, DidKey(), audience=audience)


def _code(data: bytes, **how: Any) -> str:
    with pytest.raises(Problem) as raised:
        _verify(data, **how)
    assert raised.value.says("fr").next_step
    return raised.value.code


def test_a_credential() -> None:
    verified = _verify(_secured())
    assert (verified.document, verified.claims) == (DOCUMENT, CLAIMS)
    assert verified.key.controller == DOCUMENT["issuer"]
    assert envelope.unverified(_secured()).document == DOCUMENT


def test_the_header_is_that_of_the_recommendation() -> None:
    """VC-JOSE-COSE §3.3: typ application/vc+cose, content type application/vc, the payload unencoded JSON."""
    message = sign1.parse(_secured())
    assert (message.header[16], message.header[3]) == ("application/vc+cose", "application/vc")
    assert message.header[15] == {6: 1_790_000_000, 8: {1: {1: 2, -1: 1, -2: HOLDER.public_key.raw[1:],
                                                            -3: HOLDER.public_key.raw[0] == 3}}}  # fmt: skip
    assert json.loads(message.payload) == DOCUMENT


@pytest.mark.parametrize("algorithm", ["P-384", "Ed25519"])
def test_other_keys(algorithm) -> None:
    signer = LocalSigner.generate(algorithm)
    assert _verify(_secured({}, signer, issuer=did(signer.public_key))).claims == {}


def test_all_claims_there_and_back() -> None:
    claims = {"iss": DOCUMENT["issuer"], "sub": "urn:x", "aud": "https://r.example", "exp": 1_800_000_000,
              "nbf": 1_700_000_000, "nonce": "é", **CLAIMS}  # fmt: skip
    assert _verify(_secured(claims), "https://r.example").claims == claims


def test_every_changed_byte() -> None:
    data = _secured()
    for position in range(len(data)):
        bent = bytearray(data)
        bent[position] ^= 0x01
        with pytest.raises(Problem):
            _verify(bytes(bent))


def test_what_a_message_says_it_is() -> None:
    assert envelope.peek(_secured()) == "vc+cose"
    assert envelope.peek(_bent({16: "application/x"})) is None
    assert envelope.peek(b"\xd2\x84") is None
    assert envelope.is_message(_secured())


OTHER: dict[str, tuple[bytes, str]] = {
    "another type": (_bent({16: "application/vp+cose"}), "cose.wrong_typ"),
    "a list": (_bent({16: "application/statuslist+cwt"}), "cose.wrong_typ"),
    "the type without its family": (_bent({16: "vc+cose"}), "cose.wrong_typ"),
    "no type": (_bent({16: None}), "cose.wrong_typ"),
    "a presentation inside": (_bent({3: "application/vp"}), "jose.wrong_cty"),
    "no key named": (_bent({4: None}), "cose.untrusted_key"),
    "another issuer named": (_bent(_1="did:web:x.example"), "sdjwt.issuer_key_mismatch"),
    "somebody else's key": (_bent(signer=STRANGER), "signature.invalid"),
    "claims in the document": (_bent(document=DOCUMENT | {"exp": 1}), "cose.claim_in_document"),
    "a proof in the document": (_bent(document=DOCUMENT | {"proof": {}}), "jose.proof_inside"),
    "a document in the document": (_bent(document={"vc": DOCUMENT}), "jose.nested_document"),
    "no document": (_bent(document=[]), "json.not_an_object"),
    "a claim of another kind": (_bent(_6="x"), "cbor.shape"),
    "claims that are none": (_bent(_6=None), "cbor.shape"),
    "a nonce that is no text": (_bent(_10=b"\xff"), "kb.invalid"),
    "a holder's key of no kind": (_bent(_8={1: {1: 4}}), "key.type_unsupported"),
}


@pytest.mark.parametrize(("data", "code"), OTHER.values(), ids=OTHER)
def test_what_is_refused_though_it_is_signed(data: bytes, code: str) -> None:
    assert _code(data) == code


def test_the_issuer_of_the_document_is_not_judged_here_but_the_key_is_told() -> None:
    """Whoever signs in another's name is caught by whoever judges trust: on the key (design rule 2)."""
    verified = _verify(_secured({}, STRANGER))
    assert verified.key.controller != verified.document["issuer"]


def test_for_somebody_else() -> None:
    data = _secured({"aud": "https://r.example"})
    assert _verify(data, "https://r.example").claims["aud"] == "https://r.example"
    for audience in (None, "https://x.example"):
        with pytest.raises(InvalidDomainError):
            _verify(data, audience)


def test_a_place_in_a_token_list() -> None:
    status = {"status_list": {"idx": 7, "uri": "https://x.example/1"}}
    assert _verify(_bent(_65535=status)).claims["status"] == status
    assert _verify(_bent(_65535={"other": 1})).claims["status"] == {}


@pytest.mark.parametrize(
    ("document", "problem"),
    [
        (DOCUMENT | {"iss": "x"}, ProofGenerationError),
        (DOCUMENT | {"unheardOf": 1}, DataLossError),
        (DOCUMENT | {"proof": {}}, ProofVerificationError),
    ],
    ids=["a claim", "a word of no context", "a proof"],
)
def test_what_is_not_signed(document: Any, problem: type[Problem]) -> None:
    with pytest.raises(problem):
        envelope.secure("vc+cose", document, {}, ISSUER)


# presentations


def _shown(claims: Any = ANSWER, signer: LocalSigner = HOLDER, **members: Any) -> bytes:
    return envelope.secure("vp+cose", PRESENTATION | members, claims, signer)


def _present(data: bytes, now: dt.datetime = NOW, expected: Any = EXPECTED) -> envelope.Verified:
    return envelope.verify_presentation("vp+cose", data, DidKey(), now=now, holder=expected)


def test_a_presentation() -> None:
    verified = _present(_shown())
    assert verified.holder is not None
    assert (verified.holder.audience, verified.holder.key) == ("https://r.example", HOLDER.public_key)
    assert _present(_shown({}), expected=None).holder is None


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        (_shown(ANSWER | {"nonce": "another"}), InvalidChallengeError),
        (_shown(ANSWER | {"aud": "https://x.example"}), InvalidDomainError),
        (_shown({}), ProofVerificationError),
        (_shown(signer=STRANGER), ProofVerificationError),
        (_shown(ANSWER | {"iat": 1_700_000_000}), ProofVerificationError),
        (_secured(), ProofVerificationError),
    ],
    ids=["replayed", "for another", "for nobody", "by another", "of long ago", "a credential"],
)
def test_a_presentation_for_somebody_else(data: bytes, problem: type[Problem]) -> None:
    with pytest.raises(problem):
        _present(data)
