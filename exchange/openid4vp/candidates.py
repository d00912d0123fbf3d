"""Credentials as a DCQL query sees them, for the wallet that holds them and the verifier that got them."""

from collections.abc import Collection
from typing import Final

from boundary.shape import many
from boundary.strict_json import Json
from contexts import PRODUCT, Contexts
from exchange.dcql import Candidate
from proofs.rdf.expand import expand

SD_JWT: Final = "dc+sd-jwt"
JSON_LD: Final = "ldp_vc"
JWT: Final = "jwt_vc_json"


def of_sd_jwt(name: str, payload: Json, *, bound: bool, authority_keys: Collection[str] = ()) -> Candidate:
    """Return the SD-JWT VC with the processed ``payload``."""
    vct = payload.get("vct")
    return Candidate(
        name,
        SD_JWT,
        payload,
        vct=vct if isinstance(vct, str) else None,
        authority_keys=frozenset(authority_keys),
        bound=bound,
    )


def of_credential(
    name: str, document: Json, *, bound: bool, form: str = JSON_LD, contexts: Contexts = PRODUCT
) -> Candidate:
    """Return the W3C credential ``document``, without its proof, secured in ``form``.

    Raises what expansion raises.
    """
    return Candidate(name, form, document, types=expanded_types(document, contexts), bound=bound)


def expanded_types(document: Json, contexts: Contexts = PRODUCT) -> frozenset[str]:
    """Return the type IRIs of a document: what its types mean, whichever terms it uses (App. B.1.1)."""
    typed: Json = {name: document[name] for name in ("@context", "type") if name in document}
    [root] = expand(typed, contexts) or [{}]
    return frozenset(str(kind) for kind in many(root.get("@type"))) if isinstance(root, dict) else frozenset()
