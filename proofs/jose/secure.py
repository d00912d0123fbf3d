"""Sign a VCDM document as the payload of a token (VC-JOSE-COSE §3.1.1, §3.2.1)."""

import os
from collections.abc import Callable, Collection

from boundary.strict_json import Json
from contexts import PRODUCT, Contexts
from keys.signer import Signer
from problems import ProofGenerationError
from proofs import jws, sd_jwt
from proofs.jose.envelope import CLAIMS, Form, content_type, is_selective, split
from proofs.rdf import require_lossless
from proofs.sd_jwt import Path


def secure(
    form: Form,
    document: Json,
    claims: Json,
    signer: Signer,
    *,
    selective: Collection[Path] = (),
    contexts: Contexts = PRODUCT,
    random: Callable[[int], bytes] = os.urandom,
) -> str:
    """Return the compact token of ``document``, signed by ``signer``, ``kid`` being its name.

    ``claims`` are the token's own (``iat``, ``cnf``…). With an SD-JWT, each path in ``selective`` becomes
    a disclosure. Raises ProofGenerationError for a document that has such claims or a proof itself, or
    for a path that leads nowhere; DataLossError for what JSON-LD would drop; ProofVerificationError for a
    path to what must not be hidden.
    """
    _require_document(document, contexts)
    payload, content = {**document, **claims}, content_type(form)
    if is_selective(form):
        header: Json = {"cty": content}
        return sd_jwt.issue(payload, selective, signer, header=header, random=random, typ=form)
    if selective:
        raise ProofGenerationError("sdjwt.path_unknown")
    header = {"typ": form, "cty": content, "kid": signer.verification_method}
    return jws.sign(header, payload, signer)


def _require_document(document: Json, contexts: Contexts) -> None:
    """Whoever reads the document reads it as JSON-LD, in which every member must mean something."""
    for name in document:
        if name in CLAIMS:
            raise ProofGenerationError("jose.claim_in_document", name=name)
    split(document)
    require_lossless(_without_parts(document), contexts)


def _without_parts(document: Json) -> Json:
    """The credentials of a presentation are signed, and were checked, each by itself."""
    return {name: value for name, value in document.items() if name != "verifiableCredential"}
