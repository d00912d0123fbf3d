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
from data_integrity_parties import DataIntegrityParty, Json, Way
from sd_jwt_parties import Request, SdJwtParty

from proofs.ecdsa_sd_2023.proof_value import parse_base_proof_value, parse_derived_proof_value

DOCUMENTS: Final = Path(__file__).parents[1] / "peers/documents"
JSON_LD: Final[Json] = json.loads((DOCUMENTS / "block.ld.json").read_text("utf-8"))
SD_JWT: Final[Json] = json.loads((DOCUMENTS / "block.sd-jwt.json").read_text("utf-8"))
HOLDER: Final = "did:example:titulaire"


@dataclass(frozen=True)
class Job:
    """``work`` holds what each implementation does, by its name; ``calls`` is how often, in each round.

    ``yardstick`` names the raw operation, without ``times`` of which it cannot be done.
    """

    name: str
    yardstick: str
    times: int
    calls: int
    work: Mapping[str, Callable[[], object]]


def raw() -> Iterator[Job]:
    """The signatures of the library `cryptography`, on 64 bytes."""
    message = bytes(64)
    ed25519 = Ed25519PrivateKey.generate()
    signed = ed25519.sign(message)
    yield _raw("Ed25519 sign", partial(ed25519.sign, message))
    yield _raw("Ed25519 verify", partial(ed25519.public_key().verify, signed, message))
    for curve, hash_ in ((ec.SECP256R1(), hashes.SHA256()), (ec.SECP384R1(), hashes.SHA384())):
        name, scheme, key = f"P-{curve.key_size}", ec.ECDSA(hash_), ec.generate_private_key(curve)
        signed = key.sign(message, scheme)
        yield _raw(f"{name} sign", partial(key.sign, message, scheme))
        yield _raw(f"{name} verify", partial(key.public_key().verify, signed, message, scheme))


def _raw(name: str, work: Callable[[], object]) -> Job:
    return Job(name, name, 1, 200, {"ours": work})


def whole(parties: Mapping[str, DataIntegrityParty], suite: str, algorithm: str) -> Iterator[Job]:
    """Data Integrity over the whole document."""
    issue, verify, now = {}, {}, dt.datetime.now(dt.UTC)
    for name, party in parties.items():
        issue[name] = partial(party.issue, *_to_sign(party, suite, algorithm), now)
        verify[name] = partial(party.verify, issue[name](), now)
    yield Job(f"{suite} issue", f"{algorithm} sign", 1, 10, issue)
    yield Job(f"{suite} verify", f"{algorithm} verify", 1, 10, verify)


def selective(parties: Mapping[str, DataIntegrityParty]) -> Iterator[Job]:
    """ecdsa-sd-2023: one signature for each statement that may be hidden, and one over the rest."""
    issue, derive, verify, now = {}, {}, {}, dt.datetime.now(dt.UTC)
    for name, party in parties.items():
        issue[name] = partial(party.issue, *_to_sign(party, "ecdsa-sd-2023", "P-256"), now)
        base = issue[name]()
        derive[name] = partial(party.derive, base, JSON_LD["reveal"])
        shown = derive[name]()
        verify[name] = partial(party.verify, shown, now)
    made = 1 + len(parse_base_proof_value(base["proof"]["proofValue"]).signatures)
    checked = 1 + len(parse_derived_proof_value(shown["proof"]["proofValue"]).signatures)
    yield Job("ecdsa-sd-2023 issue", "P-256 sign", made, 4, issue)
    yield Job("ecdsa-sd-2023 derive", "P-256 sign", 0, 4, derive)
    yield Job("ecdsa-sd-2023 verify", "P-256 verify", checked, 4, verify)


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
    yield Job("SD-JWT VC issue", "P-256 sign", 1, 40, issue)
    yield Job("SD-JWT VC present", "P-256 sign", 1, 40, present)
    yield Job("SD-JWT VC verify", "P-256 verify", 2, 40, verify)
