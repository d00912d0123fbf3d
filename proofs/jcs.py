"""What eddsa-jcs-2022 and ecdsa-jcs-2019 share: one signature over the whole document, as JSON.

vc-di-eddsa §3.3 and vc-di-ecdsa §3.3 differ in name, keys and hash only. The canonical form of JSON (RFC
8785) holds every member, so the signature misses nothing. What a member means is still for the contexts
to say: one that they do not define, which everybody may read as they like, is refused here as it is by
the suites that go through RDF, at signing and at verifying.
"""

import copy
import hashlib
import json
import re
from typing import Final

import rfc8785

from boundary import base58btc
from boundary.shape import many
from boundary.strict_json import Json
from contexts import Contexts
from keys.resolver import Resolver, VerificationKey
from keys.signer import Signer
from problems import ProofTransformationError, ProofVerificationError
from proofs.config import require_lossless_config, require_signer, resolve_key, unsigned_proof
from proofs.rdf import require_lossless
from proofs.rdf.canonical import Algorithm as Hash
from proofs.rdf.shapes import Shapes
from proofs.suite import ProofOptions
from proofs.whole import Hashes, proof_bytes


def create_proof(
    name: str,
    hashes: Hashes,
    document: Json,
    options: ProofOptions,
    signer: Signer,
    contexts: Contexts,
    shapes: Shapes | None = None,
) -> Json:
    """Create Proof (§3.3.1): the proof repeats the document's contexts, and so signs them."""
    require_signer(signer, name, hashes)
    proof = unsigned_proof(name, options, signer)
    if "@context" in document:
        proof["@context"] = copy.deepcopy(document["@context"])
    signature = signer.sign(hash_data(document, proof, contexts, hashes[signer.algorithm], shapes))
    return {**proof, "proofValue": base58btc.encode(signature)}


def verify_proof(
    hashes: Hashes,
    document: Json,
    proof: Json,
    keys: Resolver,
    contexts: Contexts,
    shapes: Shapes | None = None,
) -> VerificationKey:
    """Verify Proof (§3.3.2)."""
    signature = proof_bytes(proof)
    key = resolve_key(proof, keys, hashes)
    signed = hash_data(as_signed(document, proof), proof, contexts, hashes[key.key.algorithm], shapes)
    key.key.verify(signature, signed)
    return key


def as_signed(document: Json, proof: Json) -> Json:
    """Return the document with the contexts of the proof, which it may only have more of (§3.3.2 step 4).

    Raises ProofVerificationError.
    """
    if "@context" not in proof:
        return document
    signed, found = many(proof["@context"]), many(document.get("@context"))
    if not signed or found[: len(signed)] != signed:
        raise ProofVerificationError("proof.context")
    return {**document, "@context": proof["@context"]}


def hash_data(
    document: Json, proof: Json, contexts: Contexts, algorithm: Hash, shapes: Shapes | None = None
) -> bytes:
    """Hashing (§3.3.4): the hash of the proof's configuration, then that of the document.

    With ``shapes`` what is alike in many documents is looked at once.
    """
    config = {name: value for name, value in proof.items() if name != "proofValue"}
    require_lossless_config({**config, "@context": document.get("@context")}, contexts)
    if shapes is None:
        require_lossless(document, contexts)
    else:
        shapes.require_lossless(document)
    return b"".join(hashlib.new(algorithm, canonical_json(part)).digest() for part in (config, document))


def canonical_json(value: Json) -> bytes:
    """Return the canonical form (RFC 8785); raise ProofTransformationError for what JSON cannot hold.

    The encoder of the standard library, in C, writes the same but for what may be rare here.
    """
    try:
        usual = json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"), sort_keys=True)
        written = usual.encode("utf-8")
        rare = any(number.search(usual) for number in _RARE) or written.translate(None, _BELOW_SUPPLEMENTARY)
        return rfc8785.dumps(value) if rare else written
    except ValueError:
        raise ProofTransformationError("jcs.unwritable") from None


_NUMBER: Final = r"-?(?:[0-9]+[.e]|[0-9]{16})"
_RARE: Final = (re.compile(f'":{_NUMBER}'), re.compile(rf"[\[,]{_NUMBER}"))
"""Real numbers and integers that may be too long, as members and in lists: one search for both is slower."""
_BELOW_SUPPLEMENTARY: Final = bytes(range(0xF0))
"""Without these bytes, those of letters beyond U+FFFF are left: names are sorted otherwise in UTF-16."""
