"""What is measured: each operation, how many raw signatures it cannot do without, and who does it."""

import copy
import datetime as dt
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Final

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA44PrivateKey
from data_integrity_parties import DataIntegrityParty, Json, Way
from sd_jwt_parties import Request, SdJwtParty
from token_parties import JwtParty

from keys.dids.resolve import resolver
from keys.local import LocalSigner
from proofs.cose import envelope
from proofs.ecdsa_sd_2023.proof_value import parse_base_proof_value, parse_derived_proof_value

DOCUMENTS: Final = Path(__file__).parents[1] / "peers/documents"
JSON_LD: Final[Json] = json.loads((DOCUMENTS / "block.ld.json").read_text("utf-8"))
SD_JWT: Final[Json] = json.loads((DOCUMENTS / "block.sd-jwt.json").read_text("utf-8"))
HOLDER: Final = "did:example:titulaire"


@dataclass(frozen=True)
class Job:
    """``work`` holds what each implementation does, by its name; ``calls`` is how often, in each round.

    ``needs`` says how many of which raw operations it cannot be done without, the verification before
    release included; ``one`` names the raw operation of which it is also told as a multiple.
    """

    name: str
    one: str
    needs: Mapping[str, int]
    calls: int
    work: Mapping[str, Callable[[], object]]


def raw() -> Iterator[Job]:
    """The signatures of the library `cryptography`, on 64 bytes."""
    message = bytes(64)
    for name, key in (("Ed25519", Ed25519PrivateKey.generate()), ("ML-DSA-44", MLDSA44PrivateKey.generate())):
        signed = key.sign(message)
        yield _raw(f"{name} sign", partial(key.sign, message))
        yield _raw(f"{name} verify", partial(key.public_key().verify, signed, message))
    for curve, hash_ in ((ec.SECP256R1(), hashes.SHA256()), (ec.SECP384R1(), hashes.SHA384())):
        name, scheme, key = f"P-{curve.key_size}", ec.ECDSA(hash_), ec.generate_private_key(curve)
        signed = key.sign(message, scheme)
        yield _raw(f"{name} sign", partial(key.sign, message, scheme))
        yield _raw(f"{name} verify", partial(key.public_key().verify, signed, message, scheme))


def _raw(name: str, work: Callable[[], object]) -> Job:
    return Job(name, name, {name: 1}, 50, {"ours": work})


def _released(algorithm: str, signatures: int = 1) -> dict[str, int]:
    return {f"{algorithm} sign": signatures, f"{algorithm} verify": 1}


def whole(
    parties: Mapping[str, DataIntegrityParty], suite: str, algorithm: str, how: str = ""
) -> Iterator[Job]:
    """Data Integrity over the whole document; ``how`` is added to the name of the line."""
    issue, verify, now = {}, {}, dt.datetime.now(dt.UTC)
    for name, party in parties.items():
        issue[name] = partial(party.issue, *_to_sign(party, suite, algorithm), now)
        verify[name] = partial(party.verify, issue[name](), now)
    yield Job(f"{suite} issue{how}", f"{algorithm} sign", _released(algorithm), 10, issue)
    yield Job(f"{suite} verify{how}", f"{algorithm} verify", {f"{algorithm} verify": 1}, 10, verify)


def selective(parties: Mapping[str, DataIntegrityParty], how: str = "") -> Iterator[Job]:
    """ecdsa-sd-2023: one signature for each statement that may be hidden, and one over the rest."""
    base, *steps = _selective(parties, "ecdsa-sd-2023", "P-256")
    issue, derive, verify = steps
    made = 1 + len(parse_base_proof_value(base["proof"]["proofValue"]).signatures)
    shown = parse_derived_proof_value(derive["ours"]()["proof"]["proofValue"])
    yield Job(f"ecdsa-sd-2023 issue{how}", "P-256 sign", _released("P-256", made), 4, issue)
    yield Job(f"ecdsa-sd-2023 derive{how}", "P-256 sign", {}, 4, derive)
    yield Job(
        f"ecdsa-sd-2023 verify{how}", "P-256 verify", {"P-256 verify": 1 + len(shown.signatures)}, 4, verify
    )


def unlinkable(parties: Mapping[str, DataIntegrityParty]) -> Iterator[Job]:
    """bbs-2023: one signature over all statements, and a proof that knows it."""
    _, issue, derive, verify = _selective(parties, "bbs-2023", "Bls12381G2")
    yield Job("bbs-2023 issue", "P-256 sign", {}, 1, issue)
    yield Job("bbs-2023 derive", "P-256 sign", {}, 1, derive)
    yield Job("bbs-2023 verify", "P-256 verify", {}, 1, verify)


def _selective(parties: Mapping[str, DataIntegrityParty], suite: str, algorithm: str) -> tuple[Any, ...]:
    issue, derive, verify, now = {}, {}, {}, dt.datetime.now(dt.UTC)
    base: dict[str, Any] = {}
    for name, party in parties.items():
        issue[name] = partial(party.issue, *_to_sign(party, suite, algorithm), now)
        base[name] = issue[name]()
        derive[name] = partial(party.derive, base[name], JSON_LD["reveal"])
        verify[name] = partial(party.verify, derive[name](), now)
    return base["ours"], issue, derive, verify


def _to_sign(party: DataIntegrityParty, suite: str, algorithm: str) -> tuple[Json, Way]:
    way = Way(suite, party.new_key(algorithm), JSON_LD["mandatory"])
    credential = copy.deepcopy(JSON_LD["credential"])
    credential["issuer"]["id"] = way.did
    credential["credentialSubject"]["id"] = HOLDER
    return credential, way


def sd_jwt(parties: Mapping[str, SdJwtParty]) -> Iterator[Job]:
    """SD-JWT VC, presented with key binding."""
    issue, present, verify = {}, {}, {}
    selective, reveal = ([tuple(path) for path in SD_JWT[name]] for name in ("selective", "reveal"))
    for name, party in parties.items():
        asked = Request("https://recruteur.example", "n-0S6_WzA2Mj", dt.datetime.now(dt.UTC))
        issuer, holder = party.new_key("P-256"), party.new_key("P-256")
        payload: dict[str, Any] = SD_JWT["payload"] | {"iss": issuer.did, "cnf": {"jwk": holder.jwk}}
        issue[name] = partial(party.issue, payload, selective, issuer)
        present[name] = partial(party.present, issue[name](), reveal, holder, asked)
        verify[name] = partial(party.verify, present[name](), issuer, asked)
    yield Job("SD-JWT VC issue", "P-256 sign", _released("P-256"), 40, issue)
    yield Job("SD-JWT VC present", "P-256 sign", _released("P-256"), 40, present)
    yield Job("SD-JWT VC verify", "P-256 verify", {"P-256 verify": 2}, 40, verify)


def tokens(parties: Mapping[str, JwtParty]) -> Iterator[Job]:
    """The whole document in a signed token (vc+jwt)."""
    issue, verify = {}, {}
    for name, party in parties.items():
        asked = Request("https://recruteur.example", "n-0S6_WzA2Mj", dt.datetime.now(dt.UTC))
        key = party.new_key("ES256")
        document = copy.deepcopy(JSON_LD["credential"])
        document["issuer"]["id"] = key.did
        document["credentialSubject"]["id"] = HOLDER
        issue[name] = partial(party.sign, "vc+jwt", document, {}, key, "ES256")
        verify[name] = partial(party.verify, "vc+jwt", issue[name](), key, "ES256", asked)
    yield Job("vc+jwt issue", "P-256 sign", _released("P-256"), 20, issue)
    yield Job("vc+jwt verify", "P-256 verify", {"P-256 verify": 1}, 20, verify)


def cose() -> Iterator[Job]:
    """The whole document in the envelope of CBOR (vc+cose)."""
    signer = LocalSigner.generate("P-256")
    document = copy.deepcopy(JSON_LD["credential"])
    document["issuer"]["id"] = signer.verification_method.partition("#")[0]
    issue = partial(envelope.secure, "vc+cose", document, {}, signer)
    verify = partial(envelope.verify, "vc+cose", issue(), resolver(), audience=None)
    yield Job("vc+cose issue", "P-256 sign", _released("P-256"), 20, {"ours": issue})
    yield Job("vc+cose verify", "P-256 verify", {"P-256 verify": 1}, 20, {"ours": verify})
