"""The walk from input to report: which step speaks, what is never repeated, and that nothing raises."""

import copy
import datetime as dt
import io
import json

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from rich.console import Console

from boundary import limits, strict_json
from boundary.strict_json import read_object
from keys import issuer_metadata
from keys.dids import jwk as did_jwk
from keys.dids import key as did_key
from keys.jwk import to_jwk
from keys.local import LocalSigner
from passeport.machine import report_json
from passeport.show import show_report
from problems.sentences import LANGS
from proofs import SUITES, data_integrity, jws
from proofs.suite import ProofOptions

LD, SD = "application/vc", "application/dc+sd-jwt"
NOW = dt.datetime(2026, 11, 21, 8, 0, tzinfo=dt.UTC)
DAY = dt.timedelta(days=1)
CHECKS = ["integrity", "issuer_key", "holder", "dates", "status", "schema", "issuer"]


def step_names(line):
    return [step.name for step in line.steps]


def token(payload, signer, **header):
    return f"{jws.sign({'typ': 'dc+sd-jwt', 'kid': signer.verification_method} | header, payload, signer)}~"


def secured(document, signer, suite="ecdsa-rdfc-2019"):
    return strict_json.write(data_integrity.add_proof(document, SUITES[suite], ProofOptions(), signer))


# Honest


def test_every_check_of_an_honest_share(scene, form):
    report = scene.town.verify(scene.person.bearer(scene.award[form]))
    (line,) = report.credentials
    assert step_names(line) == CHECKS
    assert {step.outcome for step in (*report.steps, *line.steps)} == {"passed"}
    assert (report.verdict, report.verified, report.at) == ("genuine", True, NOW)
    assert line.facts.title == "Développeur web et web mobile"


def test_both_forms_say_the_same(scene):
    ld, sd = (scene.town.one(scene.person.bearer(scene.award[form])) for form in (LD, SD))
    assert [(item.id, item.value) for item in ld.facts.shown] == [
        (item.id, item.value) for item in sd.facts.shown
    ]


def test_only_what_was_chosen_is_in_the_report(scene, form):
    """Hidden items are not in it, in no language and no output."""
    town, person = scene.town, scene.person
    report = town.verify(person.bearer(town.choice(scene.award[form], "block.0", "family_name")))
    written = everything_said(report)
    assert "EXEMPLE-DÉMONSTRATION" in written
    assert "front-end" in written
    for hidden in ("2000", "Camille", "back-end", "TRES_BIEN"):
        assert hidden not in written
    assert report.verified


def test_several_presentations_at_once(town, person):
    """A vp_token: each part on its own line, the page as good as the worst."""
    bodies = [
        town.certifier.issue(name, person.new_key(), reference=name) for name in ("diploma", "training")
    ]
    town.certifier.publish()
    share = person.bearer(bodies[0][SD], bodies[1][SD], bodies[0][LD])
    report = town.verify(share)
    assert [line.facts.kind for line in report.credentials] == ["diploma", "training", "diploma"]
    assert (report.verdict, report.verified) == ("genuine", True)
    town.certifier.set_status("revoked", "training")
    report = town.verify(share)
    assert [line.verdict for line in report.credentials] == ["genuine", "not_valid", "genuine"]
    assert (report.verdict, report.verified) == ("not_valid", False)


def test_a_credential_of_the_first_data_model(town):
    """Other people still issue VCDM 1.1; it is verified, and never issued here."""
    document = {
        "@context": ["https://www.w3.org/2018/credentials/v1", "https://w3id.org/security/data-integrity/v2"],
        "id": "urn:uuid:0e4e1c1a-0000-4000-8000-000000000002",
        "type": ["VerifiableCredential"],
        "issuer": town.employer.desk.did,
        "issuanceDate": "2024-01-01T00:00:00Z",
        "expirationDate": "2027-01-01T00:00:00Z",
        "credentialSubject": {"id": "urn:uuid:0e4e1c1a-0000-4000-8000-0000000050b0"},
    }
    line = town.one(secured(document, town.employer.desk.signer))
    assert town.said(line)["dates"] == ("passed", "dates.valid_until")
    assert (line.verdict, line.verified) == ("to_confirm", True)  # unknown type, bound to nobody
    late = town.one(secured(document, town.employer.desk.signer), dt.datetime(2027, 1, 2, tzinfo=dt.UTC))
    assert town.said(late)["dates"] == ("failed", "credential.expired")


def test_an_issuer_named_by_an_address(town):
    """SD-JWT VC §5: keys in the metadata of a web address instead of a DID."""
    address = "https://ecole.example/antenne"
    signer = LocalSigner.generate("P-256", f"{address}#key-1")
    jwk = {**to_jwk(signer.public_key), "kid": "key-1"}
    town.certifier.put(issuer_metadata.url_of(address), {"issuer": address, "jwks": {"keys": [jwk]}})
    payload = {"iss": address, "vct": "https://ailleurs.example/badge", "name": "Natation"}
    line = town.one(token(payload, signer, kid="key-1"))
    assert town.said(line)["issuer_key"] == ("passed", "issuer_key.held")
    assert town.said(line)["issuer"] == ("passed", "issuer.domain")
    other = LocalSigner.generate("P-256", f"{address}#key-1")
    assert town.said(town.one(token(payload, other, kid="key-1"))) == {
        "integrity": ("failed", "signature.invalid")
    }


# Self-declared


def test_what_a_person_declares_is_never_green(scene, person, form):
    line = scene.town.one(person.bearer(person.declare(person.new_key())[form]))
    assert scene.town.said(line)["issuer"] == ("not_applicable", "issuer.holder")
    assert (line.verdict, line.verified) == ("declared", True)


@pytest.fixture
def liar(scene, person):
    """A holder who signs a diploma for themself, under a grand name, without saying that it is their word."""
    holder = person.new_key()
    key = person.signer_for(holder)
    ld = dict(scene.town.one(scene.person.bearer(scene.award[LD])).opened.document)
    sd = dict(scene.town.one(scene.person.bearer(scene.award[SD])).opened.document)
    for document in (ld, sd):
        document.pop("credentialStatus", None)
        document.pop("status", None)
    ld["credentialSubject"] = {**ld["credentialSubject"], "id": holder}
    sd["cnf"] = {"jwk": to_jwk(key.public_key)}

    def lie(issuer, *, says_iss=True):
        named = {**ld, "issuer": {**ld["issuer"], "id": issuer, "name": "Université de Partout"}}
        signer = LocalSigner(key.algorithm, f"{issuer}#{issuer.rpartition(':')[2]}", key._key)
        if issuer.startswith("did:jwk:"):
            signer = LocalSigner(key.algorithm, f"{issuer}#0", key._key)
        payload = {**sd, "iss": issuer, "issuing_authority": "Université de Partout"}
        if not says_iss:
            del payload["iss"]
        return {LD: secured(named, signer), SD: token(payload, signer)}

    lie.key = key
    return lie


@pytest.mark.parametrize("name", [did_key.did, did_jwk.did], ids=["did:key", "did:jwk"])
def test_issuer_and_holder_are_one_under_whatever_name(scene, liar, form, name):
    """The keys are compared: their owner's lie about themself is their own word."""
    line = scene.town.one(liar(name(liar.key.public_key))[form])
    assert scene.town.said(line)["issuer"] == ("not_applicable", "issuer.holder")
    assert line.facts.self_declared
    assert line.facts.issuer_name is None
    assert line.verdict in ("declared", "not_valid")
    assert "Université" not in everything_said(scene.town.verify(liar(name(liar.key.public_key))[form]))


@pytest.mark.parametrize("name", [did_key.did, did_jwk.did], ids=["did:key", "did:jwk"])
def test_who_leaves_the_issuer_out_is_judged_by_the_key(scene, liar, name):
    """SD-JWT VC §3.5: without ``iss`` the key names the issuer, who may be the holder."""
    line = scene.town.one(liar(name(liar.key.public_key), says_iss=False)[SD])
    assert line.facts.self_declared
    assert line.facts.issuer_name is None
    assert line.verdict in ("declared", "not_valid")


def test_a_foreign_type_declared_in_silence(town, person):
    """No schema of ours says that ``iss`` must be there; nor that it may not be the holder."""
    holder = person.new_key()
    key = person.signer_for(holder)
    payload = {
        "vct": "https://ailleurs.example/diplome",
        "issuing_authority": "Université de Partout",
        "cnf": {"jwk": to_jwk(key.public_key)},
    }
    for claims in (payload, {**payload, "iss": holder}):
        line = town.one(token(claims, key))
        assert (line.verdict, line.facts.issuer_name) == ("declared", None)


# A bad signature hides the rest


SECRET_WORDS = (
    "EXEMPLE-DÉMONSTRATION",
    "Camille",
    "front-end",
    "Développeur",
    "TRES_BIEN",
    "Trois-Fontaines",
)


def everything_said(report):
    """Return whatever anybody is told: as JSON and on the terminal, in both languages, with all details."""
    written = []
    for lang in LANGS:
        written.append(json.dumps(report_json(report, lang), ensure_ascii=False))
        for details in (False, True):
            out = Console(file=io.StringIO(), width=200)
            show_report(report, out, lang, details=details)
            written.append(out.file.getvalue())
    return "\n".join(written)


def tampered(share):
    """Change one letter of what is shown, wherever it is shown."""
    if share.startswith("{"):
        return share.replace("front-end", "front-énd")
    issuer, *disclosures, binding = share.split("~")
    head, payload, signature = issuer.split(".")
    payload = payload[:40] + ("A" if payload[40] != "A" else "B") + payload[41:]
    return "~".join([".".join([head, payload, signature]), *disclosures, binding])


def test_a_bad_signature_hides_the_rest(scene, form):
    share = scene.person.bearer(scene.award[form])
    honest = everything_said(scene.town.verify(share))
    for word in SECRET_WORDS[:-1]:
        assert word in honest
    report = scene.town.verify(tampered(share))
    assert (report.verdict, report.verified) == ("not_valid", False)
    for line in report.credentials:
        assert line.facts is None
        assert step_names(line) == ["integrity"]
    written = everything_said(report)
    for word in SECRET_WORDS:
        assert word not in written


def test_a_tampered_credential_alone(scene):
    """Without a presentation around it, its own proof tells."""
    shown = scene.town.one(scene.person.bearer(scene.award[LD])).opened.document
    whole = secured(shown, scene.town.certifier.desk.signer)
    assert scene.town.one(whole).verdict == "to_confirm"
    report = scene.town.verify(tampered(whole))
    (line,) = report.credentials
    assert scene.town.said(line) == {"integrity": ("failed", "signature.invalid")}
    assert not any(word in everything_said(report) for word in SECRET_WORDS)


def test_a_good_line_does_not_lend_its_light(town, person):
    """One of two is broken: the other stands, the page does not."""
    good, bad = (town.certifier.issue("diploma", person.new_key(), reference=name)[SD] for name in "ab")
    town.certifier.publish()
    shares = [person.bearer(good), tampered(person.bearer(bad))]
    report = town.verify(json.dumps({"vp_token": {"a": [shares[0]], "b": [shares[1]]}}))
    assert [line.verdict for line in report.credentials] == ["genuine", "not_valid"]
    assert (report.verdict, report.verified) == ("not_valid", False)


def test_an_unsigned_credential_inside_a_signed_presentation(scene, person):
    """DI-029: the presentation is signed, and vouches for nothing that it carries."""
    document = scene.town.one(scene.person.bearer(scene.award[LD])).opened.document
    share = {"@context": document["@context"][:1], "type": ["VerifiablePresentation"]}
    share["verifiableCredential"] = [document]
    options = ProofOptions(
        "authentication",
        created="2026-11-20T08:00:00Z",
        expires="2026-12-20T08:00:00Z",
        domain="urn:passeport:bearer",
    )
    signer = person.signer_for(person.new_key())
    report = scene.town.verify(
        strict_json.write(data_integrity.add_proof(share, SUITES["ecdsa-rdfc-2019"], options, signer))
    )
    (line,) = report.credentials
    assert scene.town.said(line) == {"integrity": ("failed", "proof.missing")}
    assert not report.verified


def test_the_base_proof_is_not_for_showing(scene):
    """SL-005"""
    line = scene.town.one(scene.award[LD])
    assert scene.town.said(line) == {"integrity": ("failed", "ecdsa_sd.base_proof_shown")}
    assert line.facts is None


def test_what_was_signed_and_makes_no_sense_fails_its_schema(town):
    """The content is as it was signed; that it is no credential is another matter."""
    nonsense = {"iss": town.employer.desk.did, "vct": "https://ailleurs.example/badge", "exp": 1, "nbf": 2}
    line = town.one(token(nonsense, town.employer.desk.signer))
    assert town.said(line) == {
        "integrity": ("passed", "integrity.intact"),
        "schema": ("failed", "model.ends_before_it_begins"),
    }
    assert line.facts is None
    document = {
        "@context": ["https://www.w3.org/ns/credentials/v2"],
        "type": ["VerifiableCredential"],
        "issuer": town.employer.desk.did,
        "validFrom": "2026-01-02T00:00:00Z",
        "validUntil": "2026-01-01T00:00:00Z",
        "credentialSubject": {"id": "urn:x:1"},
    }
    line = town.one(secured(document, town.employer.desk.signer))
    assert town.said(line)["schema"] == ("failed", "model.ends_before_it_begins")


# Supported is not accepted


def test_the_policy_names_the_suites(scene):
    share = scene.person.bearer(scene.award[LD])
    only = scene.town.verify(share, suites={"eddsa-rdfc-2022"})
    assert [(step.name, step.code) for step in only.steps][1:] == [("integrity", "proof.cryptosuite")]
    assert not only.verified


# Nothing raises


def test_what_is_nothing_that_we_know(scene):
    for data in (
        b"",
        b" ",
        b"\xff\xfe",
        b"bonjour",
        b"{}",
        b"[]",
        b'{"a":1,"a":2}',
        b"a.b.c",
        b'"x"',
        b"\x00",
    ):
        report = scene.town.verify(data)
        assert [step.name for step in report.steps] == ["format"] or report.credentials
        assert (report.verdict, report.verified) == ("not_valid", False)
        assert everything_said(report)


EMPTY = {
    "no answer": {"vp_token": {}},
    "an empty answer": {"vp_token": {"a": []}},
    "a presentation of nothing": {
        "@context": ["https://www.w3.org/ns/credentials/v2"],
        "type": ["VerifiablePresentation"],
    },
    "a presentation of an empty list": {"type": "VerifiablePresentation", "verifiableCredential": []},
}


@pytest.mark.parametrize("document", EMPTY.values(), ids=EMPTY)
def test_a_share_of_nothing_says_so(scene, document):
    report = scene.town.verify(json.dumps(document))
    assert [(step.name, step.code) for step in report.steps] == [("format", "format.no_credential")]
    assert (report.verdict, report.verified) == ("not_valid", False)


def test_a_signed_share_of_nothing_says_so(scene, person):
    document = {"@context": ["https://www.w3.org/ns/credentials/v2"], "type": ["VerifiablePresentation"]}
    signer = person.signer_for(person.new_key())
    options = ProofOptions("authentication", expires="2026-12-01T00:00:00Z", domain="urn:passeport:bearer")
    share = data_integrity.add_proof(document, SUITES["ecdsa-rdfc-2019"], options, signer)
    assert not scene.town.verify(strict_json.write(share)).verified


def test_too_many_at_once_are_counted_before_any_is_verified(scene):
    limit = limits.CREDENTIALS_PER_PRESENTATION
    few = {"type": "VerifiablePresentation", "verifiableCredential": [{}] * (limit // 2)}
    report = scene.town.verify(json.dumps({"vp_token": {"a": [few, few, few]}}))
    assert [(step.name, step.code) for step in report.steps] == [("format", "presentation.too_many")]
    assert scene.town.verify(json.dumps({"vp_token": {"a": [few, few]}})).steps[0].outcome == "passed"


@pytest.fixture(scope="module")
def shares(scene):
    """Honest shares in every shape, to be mutated."""
    person, town = scene.person, scene.town
    both = person.bearer(town.choice(scene.award[LD], "family_name"), town.choice(scene.award[SD], "mention"))
    return {
        "sd-jwt": person.bearer(town.choice(scene.award[SD], "block.0", "given_name")),
        "json-ld": person.bearer(town.choice(scene.award[LD], "block.0", "given_name")),
        "both": both,
    }


anything = settings(
    deadline=None, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@anything
@given(data=st.binary(max_size=200))
@example(data=b'{"payload":1,"signature":1}')
@example(data=b'{"vp_token":1}')
@example(data=b'{"type":[[]]}')
@example(data=b"..~")
@example(data=b"{" * 5_000)
def test_noise_is_a_report(scene, data):
    report = scene.town.verify(data)
    assert not report.verified
    assert everything_said(report)


leaves = st.sampled_from(
    [None, True, 0, -1, 2**53, 1.5, "", "x", "\x00", "did:key:z", [], {}, [[]], [None], {"@id": "x"}]
)


@anything
@given(data=st.data())
@pytest.mark.parametrize("shape", ["json-ld", "both"])
def test_a_mutated_document_is_a_report(scene, shares, shape, data):
    """Any member replaced by any kind of value, or removed: reported, never raised, never verified.

    But for a whole presentation of several: leaving one out leaves an honest share of the others.
    """
    document = json.loads(shares[shape])
    honest = copy.deepcopy(document)
    places = [place for place in _places(document) if len(place) != 2 or place[0] != "vp_token"]
    place = data.draw(st.sampled_from(places))
    parent = _at(document, place[:-1])
    if data.draw(st.booleans()) or isinstance(parent, list):
        parent[place[-1]] = data.draw(leaves)
    else:
        del parent[place[-1]]
    report = scene.town.verify(json.dumps(document))
    assert everything_said(report)
    if document != honest:
        assert not report.verified or _same(report, scene.town.verify(shares[shape]))


def _places(value, place=()):
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for name, member in items:
        yield (*place, name)
        yield from _places(member, (*place, name))


def _at(value, place):
    for name in place:
        value = value[name]
    return value


def _same(report, honest):
    """Whether both say the same: what a changed byte did not change is no change."""
    return report_json(report, "en") == report_json(honest, "en")


@anything
@given(data=st.data())
@pytest.mark.parametrize("shape", ["sd-jwt", "json-ld", "both"])
def test_no_changed_byte_verifies(scene, shares, shape, data):
    """Every byte counts, unless it is white space that says nothing."""
    share = shares[shape].encode()
    place = data.draw(st.integers(0, len(share) - 1))
    flipped = bytes([share[place] ^ data.draw(st.integers(1, 255))])
    report = scene.town.verify(share[:place] + flipped + share[place + 1 :])
    assert not report.verified or _same(report, scene.town.verify(share))


@anything
@given(data=st.data())
@pytest.mark.parametrize("shape", ["sd-jwt", "json-ld"])
def test_no_cut_and_no_doubled_piece_verifies(scene, shares, shape, data):
    share = shares[shape]
    start, stop = sorted(data.draw(st.tuples(*[st.integers(0, len(share))] * 2)))
    piece = share[start:stop]
    for changed in (share[:start] + share[stop:], share[:stop] + piece + share[stop:]):
        if changed != share:
            report = scene.town.verify(changed)
            assert not report.verified or _same(report, scene.town.verify(share))


def test_each_disclosure_counts(scene, shares):
    """Leaving one out, adding one, another order: none of it is what the holder signed."""
    *parts, binding = shares["sd-jwt"].split("~")
    issued = scene.award[SD].decode().split("~")
    hidden = next(part for part in issued if part and part not in parts)
    for changed in (parts[:-1], [*parts, hidden], [parts[0], *parts[:0:-1]]):
        report = scene.town.verify("~".join([*changed, binding]))
        last = report.credentials[0].steps[-1]
        assert (last.outcome, last.code) in {
            ("failed", "kb.other_content"),
            ("failed", "sdjwt.unreferenced_disclosure"),  # what holds its digest is not there
        }
        assert report.credentials[0].facts is None


def test_the_honest_shares_verify(scene, shares):
    """So that none of the above passes for want of a good example."""
    for share in shares.values():
        assert scene.town.verify(share).verified
        assert scene.town.verify(f" \n{share}\n").verified
    assert read_object(shares["both"]).keys() == {"vp_token"}
