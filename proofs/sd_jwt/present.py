"""What a holder does: look at what can be shown, show a part of it (RFC 9901 §7.2)."""

from collections.abc import Collection, Mapping

from boundary.strict_json import Json, JsonValue
from problems import NotFoundError, ProofGenerationError
from proofs import jws
from proofs.jws import Jws
from proofs.sd_jwt.disclosure import Disclosure, Path
from proofs.sd_jwt.key_binding import KeyBinding, bind
from proofs.sd_jwt.process import Placed, Processed, process
from proofs.sd_jwt.serialization import SdJwt, parse


def disclosed(sd_jwt: SdJwt) -> Mapping[Path, JsonValue]:
    """Return each claim that can be shown or left out, with its value, by its path.

    Paths are positions in the payload with everything shown that ``sd_jwt`` holds; a value includes
    what is disclosed within it. No signature is verified.
    """
    processed = unverified(sd_jwt)
    return {placed.path: _value_at(processed.payload, placed.path) for placed in processed.placed}


def present(text: str, reveal: Collection[Path], binding: KeyBinding | None = None) -> str:
    """Return the SD-JWT with the disclosures of ``reveal``, and of what they stand in, and no others.

    Paths are those of :func:`disclosed`. With ``binding`` the result is an SD-JWT+KB. Raises
    NotFoundError for a path that is no disclosure, ProofGenerationError when ``text`` already is a
    presentation or the signer's key is not the holder's; what :func:`parse` and processing raise.
    """
    sd_jwt = parse(text)
    if sd_jwt.key_binding is not None:
        raise ProofGenerationError("sdjwt.unexpected_kb")
    signed = jws.parse(sd_jwt.issuer_jwt)
    payload = jws.claims(signed)
    chosen = _chosen(_processed(signed, payload, sd_jwt).placed, frozenset(reveal))
    kept = tuple(encoded for encoded in sd_jwt.disclosures if encoded in chosen)
    shown = SdJwt(sd_jwt.issuer_jwt, kept)
    if binding is None:
        return shown.text
    return bind(shown, payload, binding).text


def unverified(sd_jwt: SdJwt) -> Processed:
    """Return what ``sd_jwt`` says with all that it discloses; no signature is verified.

    Raises what :func:`proofs.jws.parse` and processing raise.
    """
    signed = jws.parse(sd_jwt.issuer_jwt)
    return _processed(signed, jws.claims(signed), sd_jwt)


def _processed(signed: Jws, payload: Json, sd_jwt: SdJwt) -> Processed:
    return process(payload, sd_jwt.disclosures, str(signed.header.get("typ")))


def _chosen(placed: Collection[Placed], reveal: frozenset[Path]) -> set[str]:
    found = [one for one in placed if one.path in reveal]
    if len(found) != len(reveal):
        raise NotFoundError("sdjwt.path_not_disclosable")
    return {disclosure.encoded for one in found for disclosure in _with_parents(one)}


def _with_parents(placed: Placed) -> tuple[Disclosure, ...]:
    return (*placed.parents, placed.disclosure)


def _value_at(value: JsonValue, path: Path) -> JsonValue:
    for step in path:
        value = value[step]  # type: ignore[index]  # processing made the path
    return value
