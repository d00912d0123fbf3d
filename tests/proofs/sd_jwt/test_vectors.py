"""The cases of the SD-JWT specification's repository, both ways with the Python library ``sd-jwt``.

Each case says which claims are selectively disclosable, which the holder shows and what a verifier then
sees. We issue and show, the library verifies; the library issues and shows, we verify; and each reads
what the other shows.
"""

import datetime as dt
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from jwcrypto.jwk import JWK
from sd_jwt.common import SDObj
from sd_jwt.holder import SDJWTHolder
from sd_jwt.issuer import SDJWTIssuer
from sd_jwt.utils.yaml_specification import load_yaml_specification
from sd_jwt.verifier import SDJWTVerifier

from boundary import base64url
from keys.jwk import to_jwk
from keys.local import LocalSigner, secret_of
from keys.resolver import Resolver
from keys.signer import Algorithm
from problems import Problem
from proofs import sd_jwt

CASES = [
    "array_data_types",
    "array_full_sd",
    "array_in_sd",
    "array_nested_in_plain",
    "array_none_disclosed",
    "array_of_nulls",
    "array_of_objects",
    "array_of_scalars",
    "array_recursive_sd",
    "array_recursive_sd_some_disclosed",
    "header_mod",
    "json_serialization_flattened",
    "json_serialization_general",
    "key_binding",
    "no_sd",
    "object_data_types",
    "recursions",
]
LIBRARY_TYP = "example+sd-jwt"
PLUMBING = {"iss", "iat", "exp", "cnf", "vct"}


class Case:
    """One case of the vectors, with the keys and names of their settings."""

    def __init__(self, folder: Path, name: str) -> None:
        self.specification = load_yaml_specification(folder / name / "specification.yml")
        self.settings = yaml.safe_load((folder / "settings.yml").read_text("utf-8"))
        keys = self.settings["key_settings"]
        self.issuer_jwk, self.holder_jwk = keys["issuer_keys"][0], keys["holder_key"]
        names = self.settings["identifiers"]
        self.iss, self.audience = names["issuer"], names["verifier"]
        self.nonce = self.settings["key_binding_nonce"]
        self.now = dt.datetime.fromtimestamp(self.settings["iat"] + 3600, dt.UTC)
        self.expected = self.specification["expect_verified_user_claims"]
        self.key_binding = self.specification.get("key_binding", False)
        open_claims = {name: self.settings[name] for name in ("iat", "exp")} | {
            "iss": self.iss,
            "vct": "https://example.com/type",
        }
        self.claims = self.specification["user_claims"] | open_claims
        self.payload, self.selective = plain(self.claims, ())
        self.reveal = revealed(self.claims, self.specification["holder_disclosed_claims"], ())

    @property
    def name(self) -> str:
        return f"{self.iss}#issuer-key-1"

    @property
    def expectation(self) -> sd_jwt.HolderExpectation | None:
        if not self.key_binding:
            return None
        return sd_jwt.HolderExpectation(self.audience, self.nonce, dt.timedelta(minutes=5))


@pytest.fixture(params=CASES)
def case(request: pytest.FixtureRequest, fixtures: Path) -> Case:
    return Case(fixtures / "vectors" / "sd-jwt", request.param)


@pytest.fixture
def keys(case: Case, pinned: Any) -> Resolver:
    public = {name: case.issuer_jwk[name] for name in ("kty", "crv", "x", "y")}
    resolver: Resolver = pinned({case.name: public})
    return resolver


def plain(value: Any, at: sd_jwt.Path) -> tuple[Any, list[sd_jwt.Path]]:
    """Return the claims without the marks of the specification, and the marked paths."""
    if isinstance(value, dict):
        parts = [(unmarked(name), name, child) for name, child in value.items()]
    elif isinstance(value, list):
        parts = [(index, child, unmarked(child)) for index, child in enumerate(value)]
    else:
        return value, []
    inner = {step: plain(child, (*at, step)) for step, _, child in parts}
    marked = [(*at, step) for step, mark, _ in parts if isinstance(mark, SDObj)]
    paths = marked + [path for _, within in inner.values() for path in within]
    values = {step: child for step, (child, _) in inner.items()}
    return (values if isinstance(value, dict) else list(values.values())), paths


def unmarked(value: Any) -> Any:
    return value.value if isinstance(value, SDObj) else value


def revealed(value: Any, wish: Any, at: sd_jwt.Path) -> list[sd_jwt.Path]:
    """Return the paths that ``holder_disclosed_claims`` asks for."""
    return list(_revealed(unmarked(value), wish, at))


def _revealed(value: Any, wish: Any, at: sd_jwt.Path) -> Iterator[sd_jwt.Path]:
    if isinstance(value, dict):
        wishes = wish if isinstance(wish, dict) else {}
        parts = [(unmarked(name), name, child, wishes.get(unmarked(name))) for name, child in value.items()]
    elif isinstance(value, list):
        wishes = wish if isinstance(wish, list) else []
        parts = [(i, e, e, wishes[i] if i < len(wishes) else None) for i, e in enumerate(value)]
    else:
        return
    for step, mark, child, wanted in parts:
        marked = isinstance(mark, SDObj)
        if marked and wanted not in (None, False):
            yield (*at, step)
        if not marked or wanted not in (None, False):
            yield from revealed(child, wanted, (*at, step))


def user_claims(payload: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in payload.items() if name not in PLUMBING}


def signer(jwk: dict[str, str], name: str | None = None) -> LocalSigner:
    return LocalSigner.from_secret("P-256", base64url.decode(jwk["d"]), name)


def ours(case: Case) -> str:
    """Issue the case with our code."""
    holder = signer(case.holder_jwk)
    payload = case.payload | ({"cnf": {"jwk": to_jwk(holder.public_key)}} if case.key_binding else {})
    return sd_jwt.issue(payload, case.selective, signer(case.issuer_jwk, case.name), decoys=2)


def theirs(case: Case, **more: Any) -> SDJWTIssuer:
    """Issue the case with the library."""
    return SDJWTIssuer(
        case.claims,
        JWK(**case.issuer_jwk),
        JWK(**case.holder_jwk) if case.key_binding else None,
        **{"extra_header_parameters": {"kid": "issuer-key-1"}} | more,
    )


def their_presentation(case: Case, issued: str) -> str:
    holder = SDJWTHolder(issued)
    binding = (case.nonce, case.audience, JWK(**case.holder_jwk)) if case.key_binding else ()
    holder.create_presentation(case.specification["holder_disclosed_claims"], *binding)
    return str(holder.sd_jwt_presentation)


def our_presentation(case: Case, issued: str) -> str:
    binding = sd_jwt.KeyBinding(signer(case.holder_jwk), case.audience, case.nonce, case.now)
    return sd_jwt.present(issued, case.reveal, binding if case.key_binding else None)


def verified_by_us(case: Case, text: str, keys: Resolver, typ: str) -> sd_jwt.VerifiedSdJwt:
    """The library stamps key bindings with the real time; ours take the time of the settings."""
    now = case.now if typ == "dc+sd-jwt" else dt.datetime.now(dt.UTC)
    return sd_jwt.verify(text, keys, now=now, holder=case.expectation, typ={typ})


def verified_by_them(case: Case, text: str) -> dict[str, Any]:
    expected = (case.audience, case.nonce) if case.key_binding else ()
    public = JWK(**{name: case.issuer_jwk[name] for name in ("kty", "crv", "x", "y")})
    verifier = SDJWTVerifier(text, lambda _issuer, _header: public, *expected)
    return dict(verifier.get_verified_payload())


def test_every_case_of_the_vectors_is_here(fixtures: Path) -> None:
    folders = [folder for folder in (fixtures / "vectors" / "sd-jwt").iterdir() if folder.is_dir()]
    assert sorted(folder.name for folder in folders) == CASES


def test_issued_and_shown_by_us(case: Case, keys: Resolver) -> None:
    shown = our_presentation(case, ours(case))
    assert user_claims(verified_by_us(case, shown, keys, "dc+sd-jwt").payload) == case.expected
    assert user_claims(verified_by_them(case, shown)) == case.expected


def test_the_holder_sees_what_is_selective(case: Case) -> None:
    for issued in (ours(case), theirs(case).sd_jwt_issuance):
        assert set(sd_jwt.disclosed(sd_jwt.parse(issued))) == set(case.selective)


def test_issued_and_shown_by_the_library(case: Case, keys: Resolver) -> None:
    shown = their_presentation(case, theirs(case).sd_jwt_issuance)
    verified = verified_by_us(case, shown, keys, LIBRARY_TYP)
    assert user_claims(verified.payload) == case.expected
    assert (verified.holder is not None) == case.key_binding


def test_issued_by_the_library_with_decoys_and_shown_by_us(case: Case, keys: Resolver) -> None:
    shown = our_presentation(case, theirs(case, add_decoy_claims=True).sd_jwt_issuance)
    verified = sd_jwt.verify(shown, keys, now=case.now, holder=case.expectation, typ={LIBRARY_TYP})
    assert user_claims(verified.payload) == case.expected


def test_issued_by_us_and_shown_by_the_library(case: Case, keys: Resolver) -> None:
    shown = their_presentation(case, ours(case))
    now = dt.datetime.now(dt.UTC)  # the library stamps key bindings with the real time
    verified = sd_jwt.verify(shown, keys, now=now, holder=case.expectation)
    assert user_claims(verified.payload) == case.expected


@pytest.mark.parametrize("case", ["header_mod"], indirect=True)
def test_a_numeric_key_name_is_refused(case: Case, keys: Resolver) -> None:
    """The case ``header_mod`` sets ``kid: 42``; RFC 7515 §4.1.4 wants a text."""
    issued = theirs(case, extra_header_parameters=case.specification["extra_header_parameters"])
    with pytest.raises(Problem) as caught:
        verified_by_us(case, their_presentation(case, issued.sd_jwt_issuance), keys, LIBRARY_TYP)
    assert caught.value.code == "jose.untrusted_key"


@pytest.mark.parametrize(
    "case", ["json_serialization_flattened", "json_serialization_general"], indirect=True
)
@pytest.mark.parametrize("general", [False, True], ids=["flattened", "general"])
def test_json_serialization(case: Case, keys: Resolver, general: bool) -> None:
    """What the library shows, in the two JSON forms of RFC 9901 §8.

    Its own JSON form is that of an old draft: disclosures beside ``header``, ``sd_hash`` over the JSON.
    """
    shown = sd_jwt.parse(their_presentation(case, theirs(case).sd_jwt_issuance))
    protected, payload, value = shown.issuer_jwt.split(".")
    header = {"disclosures": shown.disclosures, "kb_jwt": shown.key_binding}
    signature = {"protected": protected, "signature": value, "header": header}
    document = {"payload": payload} | ({"signatures": [signature]} if general else signature)
    assert sd_jwt.parse(json.dumps(document)) == shown
    verified = verified_by_us(case, json.dumps(document), keys, LIBRARY_TYP)
    assert user_claims(verified.payload) == case.expected


@pytest.mark.parametrize("case", ["recursions", "key_binding"], indirect=True)
@pytest.mark.parametrize(("algorithm", "alg"), [("P-384", "ES384"), ("Ed25519", "EdDSA")])
def test_other_keys(case: Case, pinned: Any, algorithm: Algorithm, alg: str) -> None:
    """Both ways with issuer and holder keys of the other two kinds.

    The library verifies key bindings by P-256 alone, so of ours it judges only what the issuer signed.
    """
    issuer, holder = LocalSigner.generate(algorithm, case.name), LocalSigner.generate(algorithm)
    issued = sd_jwt.issue(case.payload | {"cnf": {"jwk": to_jwk(holder.public_key)}}, case.selective, issuer)
    binding = sd_jwt.KeyBinding(holder, case.audience, case.nonce, case.now)
    shown = sd_jwt.present(issued, case.reveal, binding)
    public = JWK(**to_jwk(issuer.public_key))
    assert user_claims(SDJWTVerifier(shown, lambda *_: public).get_verified_payload()) == case.expected

    case.key_binding = True
    case.issuer_jwk, case.holder_jwk = private(issuer), private(holder)
    their = SDJWTHolder(theirs(case, sign_alg=alg).sd_jwt_issuance)
    their.create_presentation(
        case.specification["holder_disclosed_claims"],
        case.nonce,
        case.audience,
        JWK(**case.holder_jwk),
        sign_alg=alg,
    )
    keys = pinned({case.name: to_jwk(issuer.public_key)})
    verified = verified_by_us(case, their.sd_jwt_presentation, keys, LIBRARY_TYP)
    assert user_claims(verified.payload) == case.expected
    assert verified.holder is not None
    assert verified.holder.key == holder.public_key


def private(signer: LocalSigner) -> dict[str, Any]:
    return to_jwk(signer.public_key) | {"d": base64url.encode(secret_of(signer))}
