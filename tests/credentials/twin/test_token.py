"""The twin says what its credential says, is signed by its issuer, and is written in one way only."""

import datetime as dt
import importlib.util
from collections.abc import Callable
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from hypothesis import given, settings
from hypothesis import strategies as st

from boundary import cbor, limits
from credentials import digests, twin
from credentials.status_references import StatusReference
from credentials.twin import token
from keys.local import LocalSigner
from problems import InputError, LimitError, Problem
from proofs.cose import cwt, sign1

FACE = -65537
STRANGER = LocalSigner.from_secret("P-256", b"\x33" * 32)


@pytest.fixture(scope="module")
def model(fixtures) -> Any:
    """The model's own encoder and decoder."""
    path = fixtures / "model" / "offline-twin" / "twin.py"
    spec = importlib.util.spec_from_file_location("model_twin", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def _code(data: bytes) -> str:
    with pytest.raises(Problem) as raised:
        twin.parse(data).verify(STRANGER.public_key)
    assert raised.value.says("fr").next_step
    return raised.value.code


def _resigned(
    data: bytes, signer: LocalSigner, change: Callable[[dict[Any, Any], dict[Any, Any]], Any]
) -> bytes:
    """Return a twin honestly signed over other claims: ``change`` gets header and claims."""
    message = sign1.parse(data, tagged=False)
    header, claims = dict(message.header), dict(cwt.claims(message))
    change(header, claims)
    protected, payload = cbor.write(header), cbor.write(claims)
    signature = signer.sign(cbor.write(["Signature1", protected, b"", payload]))
    return cbor.write([protected, {}, payload, signature])


def test_a_twin_says_what_its_credential_says(example, kind) -> None:
    read = twin.parse(example.sign(kind))
    read.verify(example.issuer.public_key)
    assert (read.kind, read.key_name) == (kind, example.issuer.verification_method)
    assert twin.binds(read, example.digests)
    said, full = twin.facts_twin(read), example.facts
    assert (said.kind, said.title, said.issuer_id) == (full.kind, full.title, full.issuer_id)
    assert (said.awarded_on, said.valid_until, said.status) == (
        full.awarded_on,
        full.valid_until,
        full.status,
    )
    whole = {item.id: item.value for item in full.shown}
    for item in said.shown:
        if item.id.startswith("block."):
            assert item.value["code"] == whole[item.id]["code"]
        elif item.id.endswith("alignments"):
            assert item.value[0] in whole[item.id]
        else:
            assert item.value == whole[item.id]
        assert all(item.lines.values())
        assert item.always


def test_paper_has_a_birth_date_and_no_key_and_a_screen_the_contrary(example) -> None:
    paper, screen = (twin.facts_twin(twin.parse(example.sign(kind))) for kind in ("paper", "screen"))
    assert {item.id for item in paper.shown} - {item.id for item in screen.shown} == {"birthdate"}
    assert (paper.bound, screen.holder_key) == (False, example.holder.public_key)


def test_both_forms_of_one_award_have_the_same_face(make) -> None:
    """It is read from what was signed; the JSON-LD form and the SD-JWT VC form say the same."""
    from credentials import templates
    from credentials.facts import facts_ld
    from credentials.templates import load
    from credentials.twin.face import face_of

    for name in ("certification", "block", "training"):
        example = make(name)
        document = templates.render_ld(load(example.template), example.row)
        assert face_of(facts_ld(document), birthdate=True) == face_of(example.facts, birthdate=True)


def test_the_model_writes_the_same_bytes(model, example, kind) -> None:
    """And so agrees with its grammar (twin.cddl), which it is checked against there."""
    key = ec.derive_private_key(int.from_bytes(b"\x11" * 32), ec.SECP256R1())
    row = {**example.row, "holder": {**example.row.get("holder", {})}}
    digest = digests.multihash(b"x")
    named = (("sd-jwt-issuer-jwt", digest),)
    theirs = model.issue(example.template, row, token.half(named) + bytes(16), key, b"key-1", kind == "paper")
    ours = twin.issue(example.facts, kind, named, example.facts.status[0], example.issuer)
    assert cbor.read(ours)[:3] == cbor.read(theirs)[:3]
    assert len(ours) == len(theirs)
    twin.parse(theirs).verify(example.issuer.public_key)


def test_the_model_reads_ours(model, example, kind) -> None:
    key = ec.derive_private_key(int.from_bytes(b"\x11" * 32), ec.SECP256R1()).public_key()
    shown = cbor.write([1, example.sign("paper")])
    read = model.read(shown, lambda iss, kid: key, int(example.facts.issued_on.timestamp()))
    assert read["issuer"] == example.facts.issuer_id
    assert read["status"] == {"idx": example.facts.status[0].index, "uri": example.facts.status[0].uri}


def test_every_changed_byte(make, kind) -> None:
    data = make("certification").sign(kind)
    for position in range(len(data)):
        for change in (0x01, 0x20, 0x80):
            bent = bytearray(data)
            bent[position] ^= change
            with pytest.raises(Problem):
                twin.parse(bytes(bent)).verify(make("certification").issuer.public_key)


@settings(max_examples=300)
@given(st.binary(max_size=80))
def test_noise_is_refused_with_a_code(data: bytes) -> None:
    with pytest.raises(Problem):
        twin.parse(data)


def test_the_key_of_somebody_else(example, kind) -> None:
    assert _code(example.sign(kind)) == "signature.invalid"


@pytest.mark.parametrize("algorithm", ["P-384", "Ed25519"])
def test_a_key_of_another_kind(make, algorithm) -> None:
    with pytest.raises(Problem) as raised:
        twin.parse(make("diploma").sign("paper")).verify(LocalSigner.generate(algorithm).public_key)
    assert raised.value.code == "cose.key_type"


def test_no_larger_than_a_code_can_be(make) -> None:
    with pytest.raises(LimitError):
        twin.parse(bytes(limits.TWIN_BYTES + 1))


OTHER: dict[str, tuple[Callable[[Any, Any], Any], str]] = {
    "another type": (lambda h, c: h.update({16: "application/vc+cose"}), "cose.wrong_typ"),
    "a list": (lambda h, c: h.update({16: "application/statuslist+cwt"}), "cose.wrong_typ"),
    "more in its header": (lambda h, c: h.update({3: "x"}), "cbor.shape"),
    "no key named": (lambda h, c: h.pop(4), "cose.untrusted_key"),
    "a long name of the key": (lambda h, c: h.update({4: b"k" * 17}), "cose.untrusted_key"),
    "a name of the key beyond its own": (lambda h, c: h.update({4: b"a#b"}), "cose.untrusted_key"),
    "a name of no letters": (lambda h, c: h.update({4: b"\xff"}), "cose.untrusted_key"),
    "no issuer": (lambda h, c: c.pop(1), "cbor.shape"),
    "an issuer and a key in one": (lambda h, c: c.update({1: "did:web:x.example#k"}), "cbor.shape"),
    "an issuer without end": (lambda h, c: c.update({1: "did:web:" + "x" * 120}), "cbor.shape"),
    "an issuer that is no name": (lambda h, c: c.update({1: "centre"}), "model.url_expected"),
    "no day of issue": (lambda h, c: c.pop(6), "cbor.shape"),
    "an audience": (lambda h, c: c.update({3: "x"}), "cbor.shape"),
    "no face": (lambda h, c: c.pop(FACE), "cbor.shape"),
    "an unknown type": (lambda h, c: c[FACE].update({1: 99}), "twin.type_unknown"),
    "true for a type": (lambda h, c: c[FACE].update({1: True}), "cbor.shape"),
    "something more to say": (lambda h, c: c[FACE].update({14: "x"}), "cbor.shape"),
    "no name": (lambda h, c: c[FACE].pop(5), "cbor.shape"),
    "an empty name": (lambda h, c: c[FACE].update({6: ""}), "cbor.shape"),
    "a long name": (lambda h, c: c[FACE].update({6: "x" * 61}), "cbor.shape"),
    "a name that turns the text": (lambda h, c: c[FACE].update({6: "a\u202eb"}), "cbor.shape"),
    "a day of no calendar": (lambda h, c: c[FACE].update({4: 10**9}), "cbor.shape"),
    "a third register": (lambda h, c: c[FACE].update({2: [3, 1]}), "cbor.shape"),
    "a code of one number": (lambda h, c: c[FACE].update({2: [1]}), "cbor.shape"),
    "a code without end": (lambda h, c: c[FACE].update({2: [1, 10**12]}), "cbor.shape"),
    "no blocs in a list of blocs": (lambda h, c: c[FACE].update({9: []}), "cbor.shape"),
    "a hundred blocs": (lambda h, c: c[FACE].update({9: [1] * 100}), "cbor.shape"),
    "a ninth level": (lambda h, c: c[FACE].update({10: 9}), "cbor.shape"),
    "a sixth mention": (lambda h, c: c[FACE].update({11: 6}), "cbor.shape"),
    "half a digest": (lambda h, c: c[FACE].update({15: bytes(8)}), "cbor.shape"),
    "no digest": (lambda h, c: c[FACE].pop(15), "cbor.shape"),
    "no status": (lambda h, c: c[FACE].pop(12), "twin.status"),
    "two statuses": (
        lambda h, c: c.update({65535: {"status_list": {"idx": 1, "uri": "https://x.example/1"}}}),
        "twin.status",
    ),
    "a place before the first": (lambda h, c: c[FACE].update({12: [3, -1]}), "cbor.shape"),
    "a list of no number": (lambda h, c: c[FACE].update({12: ["3", 1]}), "cbor.shape"),
    "a holder of no key": (lambda h, c: c.update({8: {}}), "cbor.shape"),
    "a holder by another way": (lambda h, c: c.update({8: {2: b"x"}}), "cbor.shape"),
    "a birth date and a key": (lambda h, c: c[FACE].update({7: 11_000}), "twin.mixed"),
    "neither": (lambda h, c: c.pop(8), "twin.mixed"),
}  # fmt: skip


@pytest.mark.parametrize(("change", "code"), OTHER.values(), ids=OTHER)
def test_other_claims_are_refused_though_the_issuer_signed(make, change, code) -> None:
    example = make("certification")
    data = _resigned(example.sign("screen"), example.issuer, change)
    with pytest.raises(Problem) as raised:
        twin.parse(data).verify(example.issuer.public_key)
    assert raised.value.code == code


def test_a_key_whose_name_nobody_signed(make) -> None:
    example = make("certification")
    message = sign1.parse(example.sign("paper"), tagged=False)
    header = {name: value for name, value in message.header.items() if name != sign1.KID}
    protected = cbor.write(header)
    signature = example.issuer.sign(cbor.write(["Signature1", protected, b"", message.payload]))
    assert _code(cbor.write([protected, {4: b"key-1"}, message.payload, signature])) == "cose.untrusted_key"


@pytest.mark.parametrize(
    ("uri", "short"),
    [
        ("https://certificateur.example/status/token/3", True),
        ("https://certificateur.example/status/token/03", False),
        ("https://listes.example/status/token/3", False),
        ("https://certificateur.example/liste", False),
    ],
)
def test_where_the_list_is_in_short_or_at_length(make, uri, short) -> None:
    """The short form says only what the rule makes of it; another address is written out."""
    example = make("certification")
    reference = StatusReference("token", uri, 7)
    data = twin.issue(example.facts, "paper", example.digests, reference, example.issuer)
    assert twin.parse(data).status == reference
    assert (cwt.STATUS in cwt.claims(sign1.parse(data, tagged=False))) != short


def test_a_did_web_with_a_path_and_a_port() -> None:
    assert token.list_uri("did:web:x.example%3A8443:a:b", 2) == "https://x.example:8443/a/b/status/token/2"


def test_it_belongs_to_one_credential(make) -> None:
    read = twin.parse(make("certification").sign("paper"))
    assert not twin.binds(read, make("diploma").digests)
    assert twin.binds(read, (*make("diploma").digests, *make("certification").digests))
    assert not twin.binds(read, ())


def test_it_ends_when_its_credential_ends(make) -> None:
    assert twin.parse(make("rs-certification").sign("paper")).expires == dt.datetime(
        2028, 4, 1, 21, 59, 59, tzinfo=dt.UTC
    )


# what can have a twin


@pytest.mark.parametrize(
    "change",
    [
        {"kind": "endorsement"}, {"kind": None}, {"awarded_on": None}, {"shown": ()},
        {"issuer_id": "did:web:y.example"},
    ],
    ids=["endorsement", "unknown type", "undated", "nameless", "another issuer"],
)  # fmt: skip
def test_a_credential_without_a_face(make, kind, change) -> None:
    with pytest.raises(InputError) as raised:
        make("certification").sign(kind, **change)
    assert raised.value.code == "twin.no_face"


def test_no_paper_without_a_birth_date(make) -> None:
    example = make("certification")
    shown = tuple(item for item in example.facts.shown if item.id != "birthdate")
    with pytest.raises(InputError) as raised:
        example.sign("paper", shown=shown)
    assert raised.value.code == "twin.no_birthdate"
    assert twin.parse(example.sign("screen", shown=shown)).kind == "screen"


def test_what_is_possible(make) -> None:
    facts = make("certification").facts
    from dataclasses import replace

    bound = replace(facts, holder_key=make("certification").holder.public_key)
    assert twin.possible(bound, "paper")
    assert twin.possible(bound, "screen")
    other = replace(facts, holder_key=LocalSigner.generate("Ed25519").public_key)
    assert not twin.possible(other, "screen")
    assert not twin.possible(replace(facts, holder_key=None), "screen")
    assert twin.possible(replace(facts, holder_key=None), "paper")
    assert not twin.possible(replace(facts, kind="endorsement"), "paper")


@pytest.mark.parametrize(
    "signer",
    [
        LocalSigner.generate("Ed25519", "did:web:certificateur.example#key-1"),
        LocalSigner.generate("P-256", "did:web:certificateur.example#a-key-of-17-bytes"),
        LocalSigner.generate("P-256", "did:web:certificateur.example"),
    ],
    ids=["another kind", "a long name", "no name"],
)
def test_a_key_that_cannot_sign_a_twin(make, signer) -> None:
    example = make("certification")
    with pytest.raises(InputError) as raised:
        twin.issue(example.facts, "paper", example.digests, example.facts.status[0], signer)
    assert raised.value.code == "twin.key"


@pytest.mark.parametrize(
    ("given_name", "fitting"),
    [
        ("Camille", "Camille"),
        ("x" * 60, "x" * 60),
        ("x" * 61, "x" * 57 + "…"),
        ("Aliénor " * 9 + "Zoé", " ".join(["Aliénor"] * 6) + "…"),
        ("é" * 40, "é" * 28 + "…"),
    ],
    ids=["short", "just", "one word", "words", "accents"],
)
def test_a_long_name_is_cut_where_everybody_sees_it(make, given_name, fitting) -> None:
    from dataclasses import replace

    example = make("certification")
    shown = tuple(
        replace(item, value=given_name) if item.id == "given_name" else item for item in example.facts.shown
    )
    read = twin.parse(example.sign("paper", shown=shown))
    assert read.face.given_name == fitting


def test_a_title_that_is_too_long_is_left_to_the_register(make) -> None:
    read = twin.parse(make("certification").sign("paper", title="x" * 121))
    assert read.face.title is None
    assert twin.facts_twin(read).title == "RNCP37674"
