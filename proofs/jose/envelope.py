"""What an envelope is, and what in its payload is the document's and what the token's.

The payload is the VCDM document. Beside its members stand claims that speak of the token: who signed
it, when, until when, for whom. They are taken out of the document before it is read as JSON-LD, and
they never replace what it says itself: ``exp`` ends a signature, ``validUntil`` what was signed
(VC-JOSE-COSE §3.1.3).
"""

from dataclasses import dataclass
from typing import Final, Literal, TypeAlias, get_args

from boundary import base64url, limits, strict_json
from boundary.strict_json import Json, JsonValue
from problems import Problem, ProofVerificationError
from proofs import jws, sd_jwt

Form: TypeAlias = Literal["vc+jwt", "vp+jwt", "vc+sd-jwt", "vp+sd-jwt"]
FORMS: Final[tuple[Form, ...]] = get_args(Form)

CLAIMS: Final = frozenset({"iss", "sub", "aud", "exp", "nbf", "iat", "jti", "nonce", "cnf", "status"})
"""RFC 7519 §4.1, RFC 7800, OpenID4VP Annex B.1, Token Status List §6: what is said of a token."""

_MEANS_ANOTHER_FORM: Final = ("vc", "vp")  # §3.1.3: the claims of VCDM 1.1 tokens


@dataclass(frozen=True)
class Payload:
    """``document`` is the credential or presentation alone, ``claims`` what the token says of itself."""

    document: Json
    claims: Json


def split(payload: Json) -> Payload:
    """Take the payload apart.

    Raises ProofVerificationError for the claims ``vc`` and ``vp`` (§3.1.3), and for a proof inside, which
    nobody would verify.
    """
    for name in _MEANS_ANOTHER_FORM:
        if name in payload:
            raise ProofVerificationError("jose.nested_document", name=name)
    if "proof" in payload:
        raise ProofVerificationError("jose.proof_inside")
    claims = {name: value for name, value in payload.items() if name in CLAIMS}
    return Payload({name: value for name, value in payload.items() if name not in CLAIMS}, claims)


def check_header(header: Json, claims: Json, form: Form, party: str | None) -> None:
    """Check what the header says of the content, and that nobody else is named as signer.

    ``party`` is the issuer of the credential or the holder of the presentation: ``iss``, wherever it is,
    is the same (§4.1.2). Raises ProofVerificationError.
    """
    if "cty" in header and header["cty"] != content_type(form):
        raise ProofVerificationError("jose.wrong_cty", expected=content_type(form))
    stated = [place["iss"] for place in (header, claims) if "iss" in place]
    if any(name != party for name in stated):
        raise ProofVerificationError("sdjwt.issuer_key_mismatch")


def content_type(form: Form) -> str:
    """Return what ``cty`` is called: ``vc`` or ``vp``."""
    return form.partition("+")[0]


def is_selective(form: Form) -> bool:
    return form.endswith("+sd-jwt")


def party_of(value: JsonValue) -> str | None:
    """Return the id that ``issuer`` or ``holder`` is or has; None when there is none."""
    identifier = value.get("id") if isinstance(value, dict) else value
    return identifier if isinstance(identifier, str) else None


def unverified(form: Form, text: str) -> Payload:
    """Return what ``text`` says with all that it discloses; no signature is verified.

    Raises what :func:`proofs.jws.parse` and :func:`proofs.sd_jwt.unverified` raise, and :func:`split`.
    """
    if is_selective(form):
        return split(sd_jwt.unverified(sd_jwt.parse(text)).payload)
    return split(jws.claims(jws.parse(text)))


def peek(text: str) -> Form | None:
    """Return the form that a token says it has; None for another, or for what is no token at all.

    Nothing follows from it but the way that the token is verified, which compares ``typ`` again.
    """
    head = text.partition(".")[0]
    if len(head) > limits.JOSE_HEADER_BYTES:
        return None
    try:
        typ = strict_json.read_object(base64url.decode(head)).get("typ")
    except Problem:
        return None
    return next((form for form in FORMS if form == typ and ("~" in text) == is_selective(form)), None)
