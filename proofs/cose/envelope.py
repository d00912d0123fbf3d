"""VCDM documents in COSE envelopes: what is signed is the document itself, as JSON (VC-JOSE-COSE §3.3).

What the message says of itself (when it was signed, for whom, whose key the holder's is) stands in the
protected header as CWT claims (RFC 9597). Read or written, those go by the names that they have in a JWT,
so that what they mean is said once for both.
"""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias, get_args

from boundary import cbor, limits, strict_json
from boundary.cbor import Cbor, Key
from boundary.shape import a_text, an_integer, an_object
from boundary.strict_json import Json, JsonValue
from contexts import PRODUCT, Contexts
from keys.cose_key import from_cose_key, to_cose_key
from keys.jwk import from_jwk, to_jwk
from keys.resolver import Purpose, Resolver, VerificationKey
from keys.signer import Signer
from problems import InvalidDomainError, Problem, ProofGenerationError, ProofVerificationError
from proofs.cose import cwt, sign1
from proofs.cose.sign1 import CONTENT_TYPE, KID, TYP, Sign1
from proofs.jose import Payload
from proofs.jose.envelope import CLAIMS, party_of, split
from proofs.rdf import require_lossless
from proofs.sd_jwt import HolderExpectation, VerifiedHolder
from proofs.sd_jwt.claims import SKEW, check_dates, issuer_key_name
from proofs.sd_jwt.key_binding import judge

Form: TypeAlias = Literal["vc+cose", "vp+cose"]
FORMS: Final[tuple[Form, ...]] = get_args(Form)

_CWT_CLAIMS: Final = 15  # RFC 9597 §2
_TEXTS: Final[Mapping[int, str]] = {cwt.ISS: "iss", cwt.SUB: "sub", 3: "aud"}
_TIMES: Final[Mapping[int, str]] = {cwt.EXP: "exp", 5: "nbf", cwt.IAT: "iat"}
_NONCE: Final = 10  # RFC 9711 §4.1: a byte string
_COSE_KEY: Final = 1


@dataclass(frozen=True)
class Verified:
    """What was proved: nothing else may be read afterwards. Trust is judged on ``key.controller``.

    ``claims`` are what the message says of itself; ``holder`` for whom and when a presentation was made.
    """

    document: Json
    claims: Json
    key: VerificationKey
    holder: VerifiedHolder | None = None


def secure(
    form: Form, document: Json, claims: Json, signer: Signer, *, contexts: Contexts = PRODUCT
) -> bytes:
    """Return the COSE_Sign1 of ``document``, signed by ``signer``, ``kid`` being its name.

    ``claims`` are the message's own (``iat``, ``cnf``, ``aud``, ``nonce``, ``exp``). Raises
    ProofGenerationError for a document that has such claims or a proof itself; DataLossError for what
    JSON-LD would drop.
    """
    for name in document:
        if name in CLAIMS:
            raise ProofGenerationError("jose.claim_in_document", name=name)
    split(document)
    own = {name: value for name, value in document.items() if name != "verifiableCredential"}
    require_lossless(own, contexts)
    header: dict[Key, Cbor] = {
        CONTENT_TYPE: content_type(form),
        KID: signer.verification_method.encode(),
        _CWT_CLAIMS: _written(claims),
        TYP: f"application/{form}",
    }
    return sign1.sign(header, strict_json.write(document).encode(), signer)


def is_message(data: bytes) -> bool:
    """Whether ``data`` begins like a tagged COSE_Sign1: an array of four parts."""
    return data[:2] == sign1.TAG + b"\x84"


def peek(data: bytes) -> Form | None:
    """Return the form that a message says it has; None for another. It is compared again when verified."""
    try:
        typ = sign1.parse(data).header.get(TYP)
    except Problem:
        return None
    return next((form for form in FORMS if typ == f"application/{form}"), None)


def unverified(data: bytes) -> Payload:
    """Return what a message says; no signature is verified."""
    return _payload(sign1.parse(data))


def verify(form: Form, data: bytes, keys: Resolver, *, audience: str | None) -> Verified:
    """Verify a credential: its issuer's signature, and that it is for whoever verifies.

    When it holds is for the caller to judge, by document and claims together. Raises
    ProofVerificationError and its kinds, ParsingError, MalformedValueError, LimitError; from ``keys``
    also RetrievalError.
    """
    verified = _verified(form, data, keys, "assertionMethod")
    _require_party(verified, party_of(verified.document.get("issuer")))
    if verified.claims.get("aud") not in (None, audience):
        raise InvalidDomainError("sdjwt.other_audience")
    return verified


def verify_presentation(
    form: Form,
    data: bytes,
    keys: Resolver,
    *,
    now: dt.datetime,
    holder: HolderExpectation | None,
    skew: dt.timedelta = SKEW,
) -> Verified:
    """Verify a presentation: its holder's signature, and that it was made for who asks, now.

    The credentials in it are not looked at. Raises what :func:`verify` raises; codes that begin with
    ``kb.`` are about whom and when the presentation was made for.
    """
    verified = _verified(form, data, keys, "authentication")
    party = verified.key.controller
    if party_of(verified.document.get("holder", party)) != party:
        raise ProofVerificationError("kb.other_holder")
    _require_party(verified, party)
    made = None
    if holder is not None:
        made = judge(verified.key.key, verified.claims, holder, now, skew)
    check_dates(verified.claims, now, skew)
    return Verified(verified.document, verified.claims, verified.key, made)


def content_type(form: Form) -> str:
    """Return the media type of what is signed: ``application/vc`` or ``application/vp``."""
    return "application/" + form.partition("+")[0]


def _verified(form: Form, data: bytes, keys: Resolver, purpose: Purpose) -> Verified:
    message = sign1.parse(data)
    if message.header.get(CONTENT_TYPE, content_type(form)) != content_type(form):
        raise ProofVerificationError("jose.wrong_cty", expected=content_type(form))
    payload = _payload(message)
    name = sign1.key_id(message).decode("utf-8", "replace")
    key = keys.resolve(issuer_key_name(name, payload.claims), purpose)
    sign1.verify(message, key.alone(), typ={f"application/{form}"})
    return Verified(payload.document, payload.claims, key)


def _require_party(verified: Verified, party: str | None) -> None:
    """Whoever else is named as signer did not sign (§4.1.2)."""
    if verified.claims.get("iss", party) != party:
        raise ProofVerificationError("sdjwt.issuer_key_mismatch")


def _payload(message: Sign1) -> Payload:
    """The claims of a message stand in its header; in its payload they would be nobody's to read."""
    document = strict_json.read_object(message.payload, limit=limits.JSON_BYTES)
    inside = split(document)
    if inside.claims:
        raise ProofVerificationError("cose.claim_in_document", name=next(iter(inside.claims)))
    return Payload(document, _read(message.header.get(_CWT_CLAIMS, {})))


def _written(claims: Json) -> dict[Key, Cbor]:
    written: dict[Key, Cbor] = {}
    for names in (_TEXTS, _TIMES):
        for key, name in names.items():
            if name in claims:
                value = claims[name]
                written[key] = a_text(value, name) if names is _TEXTS else an_integer(value, name)
    if "cnf" in claims:
        jwk = an_object(an_object(claims["cnf"], "cnf").get("jwk"), "cnf.jwk")
        written[cwt.CNF] = {_COSE_KEY: to_cose_key(from_jwk(jwk))}
    if "nonce" in claims:
        written[_NONCE] = a_text(claims["nonce"], "nonce").encode()
    return written


def _read(value: Cbor) -> Json:
    """Return the claims that we know, under their names in a JWT; others ask nothing of us."""
    claims = cbor.a_map(value, "claims")
    read: dict[str, JsonValue] = {
        name: cbor.a_text(claims[key], name) for key, name in _TEXTS.items() if key in claims
    }
    read |= {name: cbor.an_integer(claims[key], name) for key, name in _TIMES.items() if key in claims}
    if cwt.CNF in claims:
        key = cbor.a_map(cbor.a_map(claims[cwt.CNF], "cnf").get(_COSE_KEY), "cnf")
        read["cnf"] = {"jwk": to_jwk(from_cose_key(key))}
    if _NONCE in claims:
        read["nonce"] = _text(cbor.some_bytes(claims[_NONCE], "nonce"))
    if cwt.STATUS in claims:
        read["status"] = _status(cbor.a_map(claims[cwt.STATUS], "status"))
    return read


def _status(status: Mapping[Key, Cbor]) -> Json:
    """A message may have a place in a token list, beside what its document says (draft-20 §6.3)."""
    if "status_list" not in status:
        return {}
    entry = cbor.a_map(status["status_list"], "status_list")
    place: Json = {
        "idx": cbor.an_integer(entry.get("idx"), "idx"),
        "uri": cbor.a_text(entry.get("uri"), "uri"),
    }
    return {"status_list": place}


def _text(data: bytes) -> str:
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        raise ProofVerificationError("kb.invalid", cause="nonce") from None
