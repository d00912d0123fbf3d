"""A secured document inside JSON: EnvelopedVerifiableCredential and -Presentation (VCDM 2.0 §4.13).

Such an object says nothing itself: its ``id`` is a ``data:`` URL (RFC 2397) with all that is signed.
Whatever else stood in it would be nobody's word, and yet be read by somebody.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

from boundary.shape import a_text, many
from boundary.strict_json import Json
from problems import MalformedValueError

Kind: TypeAlias = Literal["credential", "presentation"]

V2: Final = "https://www.w3.org/ns/credentials/v2"
TYPES: Final[Mapping[Kind, str]] = {
    "credential": "EnvelopedVerifiableCredential",
    "presentation": "EnvelopedVerifiablePresentation",
}
ANY_TOKEN: Final = "jwt"  # noqa: S105 - a media type
"""A token that says itself what it is; those of VCDM 1.1 come so."""
_FORMS: Final[Mapping[Kind, frozenset[str]]] = {
    "credential": frozenset({"vc+jwt", "vc+sd-jwt", "dc+sd-jwt", "vc+cose", ANY_TOKEN}),
    "presentation": frozenset({"vp+jwt", "vp+sd-jwt", "vp+cose", ANY_TOKEN}),
}
_IN_BASE64: Final = "+cose"  # VC-JOSE-COSE §3.3.2; tokens are text of their own
_MEMBERS: Final = frozenset({"@context", "type", "id"})
_DATA: Final = re.compile(
    r"data:application/(?P<form>[a-z+-]+)(?P<base64>;base64)?,(?P<data>[A-Za-z0-9+/=._~-]+)"
)


@dataclass(frozen=True)
class Envelope:
    """``form`` is the media type without ``application/``; ``data`` the token, or base64 of the bytes."""

    form: str
    data: str


def is_enveloped(node: Json, kind: Kind) -> bool:
    """Whether ``node`` calls itself an envelope, well made or not."""
    return TYPES[kind] in many(node.get("type"))


def wrap(envelope: Envelope) -> Json:
    """Return the object that carries a secured credential or presentation."""
    kind = next(kind for kind, forms in _FORMS.items() if envelope.form in forms)
    encoding = ";base64" if envelope.form.endswith(_IN_BASE64) else ""
    return {
        "@context": V2,
        "type": TYPES[kind],
        "id": f"data:application/{envelope.form}{encoding},{envelope.data}",
    }


def unwrap(node: Json, kind: Kind) -> Envelope:
    """Return what stands in the envelope; raise MalformedValueError for one that is not well made."""
    if many(node.get("type")) != [TYPES[kind]]:
        raise MalformedValueError("envelope.type", type=TYPES[kind])
    if V2 not in many(node.get("@context")):
        raise MalformedValueError("model.first_context", expected=V2)
    if not node.keys() <= _MEMBERS:
        raise MalformedValueError("envelope.member")
    found = _DATA.fullmatch(a_text(node.get("id"), "id"))
    if found is None or found["form"] not in _FORMS[kind]:
        raise MalformedValueError("model.no_envelope")
    if bool(found["base64"]) != found["form"].endswith(_IN_BASE64):
        raise MalformedValueError("model.no_envelope")
    return Envelope(found["form"], found["data"])
