"""Derive: what shows a chosen part of one credential and verifies without the rest."""

from collections.abc import Collection

from boundary.strict_json import write
from credentials.pointers import pointer_to
from exchange.presentation import BadgePart, CosePart, JsonLdPart, Part, TokenPart, TwinPart
from problems import InputError, NotFoundError
from proofs import SUITES, data_integrity, sd_jwt
from proofs.suite import Pointer


def derive(part: Part, reveal: Collection[Pointer]) -> str:
    """Return the credential reduced to what is always shown and to what ``reveal`` points to.

    JSON pointers (RFC 6901) for all forms: into the JSON-LD document, or into the SD-JWT's payload.
    Raises NotFoundError or ProofGenerationError for a pointer to nothing that can be chosen, InputError
    for what was made for somebody already or is shown whole.
    """
    if part.kind == "presentation":
        raise InputError("wallet.presentation")
    if isinstance(part, BadgePart | CosePart | TwinPart) or (
        isinstance(part, TokenPart) and part.form != "vc+sd-jwt"
    ):
        raise InputError("present.shows_everything")
    if isinstance(part, JsonLdPart):
        return write(data_integrity.derive(part.document, SUITES, list(reveal)))
    known = {pointer_to(path): path for path in sd_jwt.disclosed(sd_jwt.parse(part.text))}
    missing = [pointer for pointer in reveal if pointer not in known]
    if missing:
        raise NotFoundError("present.item_unknown", item=missing[0][:60], known=", ".join(known))
    return sd_jwt.present(part.text, [known[pointer] for pointer in reveal])
