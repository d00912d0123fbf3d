"""Add, derive and verify embedded proofs (VC Data Integrity 1.0 §4.2-4.5)."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from boundary import date_time_stamp, limits
from boundary.shape import a_text, many
from boundary.strict_json import Json, JsonValue
from keys.resolver import Purpose, Resolver, VerificationKey
from keys.signer import Signer
from problems import (
    InvalidChallengeError,
    InvalidDomainError,
    LimitError,
    MalformedValueError,
    ParsingError,
    Problem,
    ProofGenerationError,
    ProofVerificationError,
)
from proofs import chain
from proofs.config import PROOF_TYPE, purpose, text
from proofs.suite import (
    Cryptosuite,
    LegacySuite,
    Pointer,
    ProofOptions,
    SelectiveCryptosuite,
    VerifyingSuite,
)

_CONTEXT: Final = "https://w3id.org/security/data-integrity/v2"
_DEFINE_PROOFS: Final = frozenset(
    {_CONTEXT, "https://w3id.org/security/data-integrity/v1", "https://www.w3.org/ns/credentials/v2"}
)

_MEMBERS: Final = frozenset(
    {
        "@context", "id", "type", "cryptosuite", "proofPurpose", "verificationMethod", "created", "expires",
        "challenge", "domain", "nonce", "previousProof", "proofValue",
    }
)  # fmt: skip


@dataclass(frozen=True)
class Expectation:
    """What a verifier asks of every proof; ``now`` is aware.

    Who expects no challenge or no domain takes no proof that has one: it was made for someone else, who
    may have passed it on.
    """

    purpose: Purpose
    now: dt.datetime
    challenge: str | None = None
    domain: str | None = None
    expiry_required: bool = False


@dataclass(frozen=True)
class VerifiedProof:
    """Who signed. ``created`` is what the signer says, and no evidence of when.

    ``previous`` are the ids of the proofs that were there, and that this one signed as well.
    """

    key: VerificationKey
    cryptosuite: str
    created: dt.datetime | None
    expires: dt.datetime | None
    id: str | None = None
    previous: tuple[str, ...] = ()


@dataclass(frozen=True)
class Verified:
    """A document, without its proofs, each of which verified; all that a caller may read of the input.

    A set from which somebody removed a proof verifies by what is left, and so does a chain that lost its
    end or gained another: whoever needs two signatures looks for two different keys in ``proofs``.
    """

    document: Json
    proofs: tuple[VerifiedProof, ...]


def add_proof(document: Json, suite: Cryptosuite, options: ProofOptions, signer: Signer) -> Json:
    """Return the document with one more proof, in a set with those it has (§4.2-4.3).

    ``options.mandatory`` matters to suites that disclose selectively; the others always show everything.
    With ``options.previous`` the proof builds on some of those that are there, in a chain. They are not
    verified here. Raises ProofGenerationError, ProofTransformationError (DataLossError for a term that no
    context defines), ParsingError, LimitError.
    """
    _require_times(options)
    bare = {name: value for name, value in document.items() if name != "proof"}
    existing = _proofs(document["proof"]) if "proof" in document else []
    if len(existing) >= limits.PROOFS:
        raise LimitError("proof.too_many", limit=limits.PROOFS)
    previous = _previous(existing, suite, options)
    unsecured = bare if existing else _with_context(bare)
    options = replace(options, previous=[str(one["id"]) for one in previous])
    proof = suite.create_proof(chain.with_previous(unsecured, previous), options, signer)
    return {**unsecured, "proof": [*existing, proof] if existing else proof}


def _previous(existing: list[Json], suite: Cryptosuite, options: ProofOptions) -> list[Json]:
    """Return the proofs that the new one is to build on, under names that nobody can confuse."""
    if options.previous and isinstance(suite, SelectiveCryptosuite):
        raise ProofGenerationError("proof.chain_selective")
    if options.id is not None and any(proof.get("id") == options.id for proof in existing):
        raise ProofGenerationError("proof.id_twice")
    return chain.named(existing, options.previous, ProofGenerationError("proof.previous_missing"))


def derive(secured: Json, suites: Mapping[str, Cryptosuite], reveal: Sequence[Pointer]) -> Json:
    """Return what the mandatory pointers and ``reveal`` select, with the proof that goes with it.

    Only the one proof that discloses selectively is kept of a set. Raises ProofGenerationError for a
    pointer to nothing or a document with no such proof; ProofVerificationError for a broken base proof.
    """
    document, proofs = _split(secured)
    found = []
    for proof in proofs:
        suite = suites.get(str(proof.get("cryptosuite")))
        if isinstance(suite, SelectiveCryptosuite):
            found.append((suite, proof))
    if len(found) != 1:
        raise ProofGenerationError("proof.not_one_selective", found=len(found))
    suite, proof = found[0]
    if "previousProof" in proof:
        raise ProofGenerationError("proof.chain_selective")
    reduced, derived = suite.derive_proof(document, proof, reveal)
    return {**reduced, "proof": derived}


def verify(
    secured: Json, suites: Mapping[str, VerifyingSuite], keys: Resolver, expect: Expectation
) -> Verified:
    """Return the document if each of its proofs verifies and is what ``expect`` asks (§4.4-4.5).

    Only ``suites`` are accepted. Raises ParsingError without proofs, ProofVerificationError,
    InvalidChallengeError, InvalidDomainError, ProofTransformationError, LimitError, and what the
    resolver raises.
    """
    document, proofs = _split(secured)
    stated = [_stated(proof, suites, expect) for proof in proofs]
    if any("id" in proof or "previousProof" in proof for proof in proofs):
        chain.require_ids(proofs)
        chain.require_order(proofs)
    verified = tuple(_verified(document, proofs, one, keys) for one in stated)
    signed = {proof.key.key for proof in verified}
    for proof in verified:
        proof.key.require(signed)
    return Verified(_with_signed_context(document, proofs), verified)


@dataclass(frozen=True)
class _Stated:
    """A proof that says what was expected; nothing about it has been verified."""

    proof: Json
    suite: VerifyingSuite
    created: dt.datetime | None
    expires: dt.datetime | None


def _stated(proof: Json, suites: Mapping[str, VerifyingSuite], expect: Expectation) -> _Stated:
    """Verify Proof (§4.4), steps 3 to 6; the suite reads the verification method and the value itself.

    A signature covers the statements of a proof, whatever their spelling; what is read here is its members.
    So a proof has the members of §2.1 under their own names and no others.
    """
    for member in proof:
        if member not in _MEMBERS:
            raise ProofVerificationError("proof.member_unknown", member=member[:80])
    legacy = _legacy(proof, suites)
    if purpose(proof) != expect.purpose:
        raise ProofVerificationError("proof.purpose", expected=expect.purpose, found=purpose(proof))
    _require_domain(proof, expect)
    _require_challenge(proof, expect)
    suite = legacy or suites.get(text(proof, "cryptosuite", "proof.cryptosuite_missing"))
    # As isinstance(suite, LegacySuite), which takes Python as long as half of a signature.
    if suite is None or (legacy is None and hasattr(suite, "proof_type")):
        raise ProofVerificationError("proof.cryptosuite", accepted=", ".join(suites))
    if "previousProof" in proof and isinstance(suite, SelectiveCryptosuite):
        raise ProofVerificationError("proof.chain_selective")
    return _Stated(proof, suite, _created(proof, expect), _expires(proof, expect))


def _legacy(proof: Json, suites: Mapping[str, VerifyingSuite]) -> LegacySuite | None:
    """Return the suite that an older kind of proof names by its type; None for a DataIntegrityProof."""
    kind = text(proof, "type", "proof.type_missing")
    if kind == PROOF_TYPE:
        return None
    suite = suites.get(kind)
    if not isinstance(suite, LegacySuite):
        raise ProofVerificationError("proof.type_unknown")
    return suite


def _verified(document: Json, proofs: list[Json], stated: _Stated, keys: Resolver) -> VerifiedProof:
    """Verify one proof of a set or chain (§4.5): what it signed holds the proofs that it names."""
    proof, names = stated.proof, chain.previous(stated.proof)
    previous = chain.named(proofs, names, ProofVerificationError("proof.previous_missing"))
    key = stated.suite.verify_proof(chain.with_previous(document, previous), proof, keys)
    name = str(proof["id"]) if "id" in proof else None
    return VerifiedProof(key, stated.suite.name, stated.created, stated.expires, name, names)


def _with_signed_context(document: Json, proofs: list[Json]) -> Json:
    """Return the document with the contexts that were signed, where a proof says which (-jcs- suites).

    To such a proof more contexts may be added later, and are none of its words. Here all proofs speak
    about one document: if they do not agree on its contexts, there is none.
    """
    stated = [proof.get("@context", document.get("@context")) for proof in proofs]
    if any(many(context) != many(stated[0]) for context in stated):
        raise ProofVerificationError("proof.context")
    return {**document, "@context": stated[0]} if "@context" in document else document


def _split(secured: Json) -> tuple[Json, list[Json]]:
    if "proof" not in secured:
        raise ParsingError("proof.missing")
    return {name: value for name, value in secured.items() if name != "proof"}, _proofs(secured["proof"])


def _proofs(value: JsonValue) -> list[Json]:
    """Return one proof or a set as a list; an empty set verifies nothing and is refused."""
    proofs = [proof for proof in many(value) if isinstance(proof, dict)]
    if value is None or len(proofs) != len(many(value)):
        raise ParsingError("proof.not_an_object")
    if not proofs:
        raise ParsingError("proof.empty_set")
    if len(proofs) > limits.PROOFS:
        raise LimitError("proof.too_many", limit=limits.PROOFS)
    return proofs


def _with_context(document: Json) -> Json:
    """Add the context that defines proofs, unless one that does is there (§2.4, Context Injection)."""
    contexts = many(document.get("@context"))
    if any(isinstance(context, str) and context in _DEFINE_PROOFS for context in contexts):
        return document
    return {**document, "@context": [*contexts, _CONTEXT]}


def _require_domain(proof: Json, expect: Expectation) -> None:
    """Compare as sets of text (§4.4 step 5)."""
    domains = many(proof.get("domain"))
    if expect.domain is None and "domain" in proof:
        raise InvalidDomainError("proof.domain_unexpected")
    if expect.domain is not None and (not domains or any(domain != expect.domain for domain in domains)):
        raise InvalidDomainError("proof.domain")


def _require_challenge(proof: Json, expect: Expectation) -> None:
    if expect.challenge is None and "challenge" in proof:
        raise InvalidChallengeError("proof.challenge_unexpected")
    if expect.challenge is not None and proof.get("challenge") != expect.challenge:
        raise InvalidChallengeError("proof.challenge")


def _created(proof: Json, expect: Expectation) -> dt.datetime | None:
    created = _time(proof, "created", ProofVerificationError("proof.created_malformed"))
    if created and created > expect.now + dt.timedelta(seconds=limits.CLOCK_SKEW_SECONDS):
        raise ProofVerificationError("proof.created_in_future")
    return created


def _expires(proof: Json, expect: Expectation) -> dt.datetime | None:
    expires = _time(proof, "expires", ProofVerificationError("proof.expires_malformed"))
    if expires is None and expect.expiry_required:
        raise ProofVerificationError("proof.expires_missing")
    if expires and expires <= expect.now:
        raise ProofVerificationError("proof.expired", at=str(proof["expires"]))
    return expires


def _require_times(options: ProofOptions) -> None:
    stated: Json = {"created": options.created, "expires": options.expires}
    for name in stated:
        if stated[name] is not None:
            _time(stated, name, ProofGenerationError("proof.time_malformed", member=name))


def _time(members: Json, name: str, problem: Problem) -> dt.datetime | None:
    """Return the instant of a member that is an XSD dateTimeStamp, None when there is no such member."""
    if name not in members:
        return None
    try:
        return date_time_stamp.read(a_text(members[name], name), name)
    except MalformedValueError:
        raise problem from None
