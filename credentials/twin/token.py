"""The twin as a token: a CWT in COSE_Sign1, ES256, every key and every byte accounted for."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal, get_args

from boundary import base64url, cbor, limits
from boundary.cbor import Cbor, Key
from credentials.digests import Digests
from credentials.facts import Facts
from credentials.members import require_url
from credentials.status_references import StatusReference
from credentials.twin import face as faces
from credentials.twin.face import DIGEST, STATUS, Face
from keys.cose_key import from_cose_key, to_cose_key
from keys.dids import web as did_web
from keys.public import PublicKey
from keys.signer import Signer
from problems import InputError, MalformedValueError, Problem, ProofVerificationError
from proofs.cose import cwt, sign1
from proofs.cose.sign1 import ALG, KID, TYP, Sign1

TwinKind = Literal["paper", "screen"]
KINDS: Final[tuple[TwinKind, ...]] = get_args(TwinKind)

TYPE: Final = "pptwin+cwt"
_FACE: Final = -65537  # private use (RFC 8392 §9.1.1): one claim, our own small keys inside
_HEADER: Final = frozenset({ALG, KID, TYP})
_CLAIMS: Final = frozenset({cwt.ISS, cwt.EXP, cwt.IAT, cwt.CNF, cwt.STATUS, _FACE})
_COSE_KEY: Final = 1  # RFC 8747 §3.1
_DIGEST_BYTES: Final = 16
_MULTIHASH_HEAD: Final = 2
_KID_BYTES, _NAME_BYTES = range(1, 17), range(1, 121)
_DAY: Final = 86_400
_FOUR: Final = b"\x84"
_BYTES: Final = frozenset(bytes([head]) for head in range(0x40, 0x5C))


@dataclass(frozen=True)
class Twin:
    """A twin taken apart; nothing about it has been verified until :meth:`verify` returned.

    ``digest`` is the first half of the SHA-256 that names the full credential (:mod:`credentials.digests`).
    """

    issuer: str
    issued_on: dt.datetime
    expires: dt.datetime | None
    holder_key: PublicKey | None
    status: StatusReference
    face: Face
    digest: bytes
    message: Sign1

    @property
    def kind(self) -> TwinKind:
        return "screen" if self.holder_key else "paper"

    @property
    def key_name(self) -> str:
        """The verification method that must have signed: the issuer's, so one party's key is no other's."""
        return f"{self.issuer}#{sign1.key_id(self.message).decode('ascii')}"

    def verify(self, key: PublicKey) -> None:
        """Return when ``key`` signed; raise ProofVerificationError."""
        if key.algorithm != "P-256":
            raise ProofVerificationError("cose.key_type", algorithm=key.algorithm)
        sign1.verify(self.message, key, typ={TYPE})


def possible(facts: Facts, kind: TwinKind) -> bool:
    """Whether a credential can have a twin of this kind: a face to show, and for the screen a key."""
    try:
        faces.face_of(facts, birthdate=kind == "paper")
    except InputError:
        return False
    return kind == "paper" or (facts.holder_key is not None and facts.holder_key.algorithm == "P-256")


def issue(facts: Facts, kind: TwinKind, digests: Digests, status: StatusReference, signer: Signer) -> bytes:
    """Return the twin of the credential that ``facts`` were read from, all of it, and ``digests`` name.

    ``status`` is an entry of a token list, the twin's own. Raises InputError for a credential that cannot
    have this twin, or a key that cannot sign one.
    """
    issuer, _, fragment = signer.verification_method.partition("#")
    if signer.algorithm != "P-256" or len(fragment.encode()) not in _KID_BYTES:
        raise InputError("twin.key", algorithm=signer.algorithm)
    if facts.issuer_id != issuer or len(issuer.encode()) not in _NAME_BYTES or facts.issued_on is None:
        raise InputError("twin.no_face")
    face = faces.write(faces.face_of(facts, birthdate=kind == "paper"))
    face[DIGEST] = half(digests)
    claims: dict[Key, Cbor] = {cwt.ISS: issuer, cwt.IAT: _whole_day(facts.issued_on), _FACE: face}
    if facts.valid_until:
        claims[cwt.EXP] = int(facts.valid_until.timestamp())
    if kind == "screen" and facts.holder_key:
        claims[cwt.CNF] = {_COSE_KEY: {**to_cose_key(facts.holder_key)}}
    _place_status(claims, face, status, issuer)
    header: dict[Key, Cbor] = {KID: fragment.encode(), TYP: TYPE}
    return sign1.sign(header, cbor.write(claims), signer, tagged=False)


def half(digests: Digests) -> bytes:
    """Return what of a digest goes into a twin: with a signature around it, sixteen bytes are enough."""
    [(_, digest), *_] = digests
    return base64url.decode(digest[1:])[_MULTIHASH_HEAD : _MULTIHASH_HEAD + _DIGEST_BYTES]


def binds(twin: Twin, digests: Digests) -> bool:
    """Whether the twin is that of the credential that ``digests`` name."""
    return any(half((digest,)) == twin.digest for digest in digests)


def is_twin(data: bytes) -> bool:
    """Whether ``data`` begins like a twin: an array of four, of which the first is a header."""
    return data[:1] == _FOUR and data[1:2] in _BYTES


def parse(data: bytes) -> Twin:
    """Take a twin apart; raise ParsingError, MalformedValueError, LimitError or ProofVerificationError for
    anything but what :func:`issue` would write."""
    message = sign1.parse(data, tagged=False, limit=limits.TWIN_BYTES)
    cbor.only(message.header, _HEADER, "protected")
    kid = sign1.key_id(message)
    if KID not in message.header or len(kid) not in _KID_BYTES or not kid.isascii() or b"#" in kid:
        raise ProofVerificationError("cose.untrusted_key")
    claims = cwt.claims(message)
    cbor.only(claims, _CLAIMS, "claims")
    members = cbor.a_map(claims.get(_FACE), "face")
    issuer, face = _issuer(claims), faces.read(members)
    twin = Twin(
        issuer,
        _required(cwt.moment(claims, cwt.IAT)),
        cwt.moment(claims, cwt.EXP),
        _holder_key(claims),
        _status(claims, members, issuer),
        face,
        cbor.some_bytes(members.get(DIGEST), "digest", _DIGEST_BYTES),
        message,
    )
    if (twin.kind == "paper") != (face.birthdate is not None):  # each says what the other must not
        raise MalformedValueError("twin.mixed")
    return twin


def list_uri(issuer: str, number: int) -> str:
    """Return where the short status leads: ``https://<host and path of the did:web>/status/token/<n>``."""
    base = did_web.url_of(issuer).removesuffix("/did.json").removesuffix("/.well-known")
    return f"{base}/status/token/{number}"


def _issuer(claims: Mapping[Key, Cbor]) -> str:
    issuer = require_url(cbor.a_text(claims.get(cwt.ISS), "iss"), "iss")
    if len(issuer.encode()) not in _NAME_BYTES or "#" in issuer:
        raise MalformedValueError("cbor.shape", at="iss")
    return issuer


def _holder_key(claims: Mapping[Key, Cbor]) -> PublicKey | None:
    if cwt.CNF not in claims:
        return None
    confirmation = cbor.a_map(claims[cwt.CNF], "cnf")
    cbor.only(confirmation, frozenset({_COSE_KEY}), "cnf")
    key = from_cose_key(cbor.a_map(confirmation.get(_COSE_KEY), "cnf"))
    if key.algorithm != "P-256":
        raise MalformedValueError("key.type_unsupported")
    return key


def _place_status(
    claims: dict[Key, Cbor], face: dict[Key, Cbor], status: StatusReference, issuer: str
) -> None:
    """The short form saves 69 bytes; it can only say where a did:web publishes by our own rule."""
    number = status.uri.rpartition("/")[2]
    if number.isdecimal() and number.isascii() and _leads(issuer, int(number), status.uri):
        face[STATUS] = [int(number), status.index]
    else:
        claims[cwt.STATUS] = {"status_list": {"idx": status.index, "uri": status.uri}}


def _leads(issuer: str, number: int, uri: str) -> bool:
    try:
        return list_uri(issuer, number) == uri
    except Problem:
        return False


def _status(claims: Mapping[Key, Cbor], face: Mapping[Key, Cbor], issuer: str) -> StatusReference:
    if (STATUS in face) == (cwt.STATUS in claims):  # none, or two that may differ
        raise MalformedValueError("twin.status")
    if STATUS in face:
        number, index = (
            cbor.an_integer(one, "status", least=0) for one in cbor.an_array(face[STATUS], "status", 2)
        )
        return StatusReference("token", list_uri(issuer, number), index)
    status = cbor.a_map(claims[cwt.STATUS], "status")
    entry = cbor.a_map(status.get("status_list"), "status_list")
    if status.keys() != {"status_list"} or entry.keys() != {"idx", "uri"}:
        raise MalformedValueError("cbor.shape", at="status")
    uri = require_url(cbor.a_text(entry["uri"], "uri"), "uri")
    if len(uri.encode()) not in _NAME_BYTES:
        raise MalformedValueError("cbor.shape", at="uri")
    return StatusReference("token", uri, cbor.an_integer(entry["idx"], "idx", least=0))


def _required(moment: dt.datetime | None) -> dt.datetime:
    if moment is None:
        raise MalformedValueError("cbor.shape", at="iat")
    return moment


def _whole_day(moment: dt.datetime) -> int:
    seconds = int(moment.timestamp())
    return seconds - seconds % _DAY
