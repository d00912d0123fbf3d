"""VCDM documents in tokens and envelopes: no check that an embedded proof meets is escaped by either."""

import datetime as dt
import json
from dataclasses import replace

import pytest

from boundary import limits
from boundary.strict_json import read_object
from credentials.envelopes import Envelope, wrap
from keys.dids import key as did_key
from keys.jwk import to_jwk
from keys.local import LocalSigner
from problems import InputError
from proofs import SUITES, data_integrity, jose, jws, sd_jwt
from proofs.sd_jwt import KeyBinding
from proofs.suite import ProofOptions
from verifier.policy import Question
from wallet.present import Choice, bearer, present

LD, SD = "application/vc", "application/dc+sd-jwt"
JWT, LD_SD = "application/vc+jwt", "application/vc+sd-jwt"
TOKENS = [pytest.param(JWT, id="vc+jwt"), pytest.param(LD_SD, id="vc+sd-jwt")]
NOW = dt.datetime(2026, 11, 21, 8, 0, tzinfo=dt.UTC)
DAY = dt.timedelta(days=1)
QUESTION = Question("https://recruteur.example", "n-0S6_WzA2MjQ")
V2 = "https://www.w3.org/ns/credentials/v2"


def outcome(line, name):
    return next((step.outcome, step.code) for step in line.steps if step.name == name)


def enveloped(body, form):
    return wrap(Envelope(form.removeprefix("application/"), body.decode()))


@pytest.fixture
def document(scene):
    """What the certifier signed, to be signed again with one thing changed."""
    return scene.content(JWT)


@pytest.fixture
def signed(scene):
    """Sign with the certifier's key, whatever it is, as either kind of token."""

    def sign(payload, form=JWT, signer=None, **header):
        signer = signer or scene.town.certifier.desk.signer
        typ = form.removeprefix("application/")
        stated = {"typ": typ, "kid": signer.verification_method, **header}
        token = jws.sign(stated, payload, signer)
        return f"{token}~" if form == LD_SD else token

    return sign


@pytest.fixture
def presented(scene):
    """Sign a presentation of anything, with any key, as a token that answers the question."""

    def sign(*credentials, signer=None, typ="vp+jwt", **changes):
        signer = signer or scene.person.signer_for(scene.holder)
        payload = {
            "@context": [V2],
            "type": ["VerifiablePresentation"],
            "verifiableCredential": list(credentials),
            "iat": int(NOW.timestamp()),
            "aud": QUESTION.audience,
            "nonce": QUESTION.nonce,
            **changes,
        }
        payload = {name: value for name, value in payload.items() if value is not ...}
        token = jws.sign({"typ": typ, "cty": "vp", "kid": signer.verification_method}, payload, signer)
        return f"{token}~" if typ == "vp+sd-jwt" else token

    return sign


# What an embedded credential meets, an enveloped one meets


@pytest.mark.parametrize("form", TOKENS)
def test_signed_again_without_a_change_it_stands(scene, document, signed, form):
    """The good example, without which none of the following would tell anything."""
    line = scene.town.one(signed(document, form))
    assert outcome(line, "integrity") == ("passed", "integrity.intact")
    assert (line.verdict, line.facts.title) == ("to_confirm", "Développeur web et web mobile")


@pytest.mark.parametrize(
    ("change", "step", "code"),
    [
        ({"undefined": "x"}, "integrity", "rdf.undefined_term"),
        ({"type": ["VerifiableCredential", "NoSuchType"]}, "integrity", "rdf.undefined_type"),
        ({"@context": [V2, {"@vocab": "https://x.example/"}]}, "integrity", None),
        ({"@context": ["https://w3id.org/passeport/v1", V2]}, None, None),
        ({"@context": ...}, None, None),
        ({"issuer": ...}, None, None),
        ({"credentialSubject": ...}, "schema", "model.no_subject"),
        ({"credentialSubject": {}}, "schema", "model.empty_subject"),
        ({"@type": ["VerifiableCredential"]}, None, None),
        (
            {"https://www.w3.org/2018/credentials#validUntil": "2000-01-01T00:00:00Z"},
            "schema",
            "spelling.member",
        ),
        ({"validUntil": "demain"}, None, None),
        ({"validUntil": "2000-01-01T00:00:00Z"}, "schema", "model.ends_before_it_begins"),
        ({"credentialStatus": {"id": "urn:x:1"}}, None, None),
        ({"type": ["VerifiablePresentation"]}, None, None),
        ({"proof": {"type": "DataIntegrityProof"}}, "integrity", "jose.proof_inside"),
        ({"vc": {}}, "integrity", "jose.nested_document"),
        ({"iss": "did:web:employeur.example"}, "issuer_key", "sdjwt.issuer_key_mismatch"),
        ({"aud": "https://autre.example"}, "integrity", "sdjwt.other_audience"),
        ({"exp": "demain"}, "schema", None),
        ({"cnf": {"jwk": {}}}, None, None),
    ],
    ids=str,
)
@pytest.mark.parametrize("form", TOKENS)
def test_what_the_issuer_signed_and_nobody_can_rely_on(scene, document, signed, form, change, step, code):
    changed = {name: value for name, value in {**document, **change}.items() if value is not ...}
    line = scene.town.one(signed(changed, form))
    assert (line.verdict, line.verified, line.facts) == ("not_valid", False, None)
    failed = [(one.name, one.code) for one in line.steps if one.outcome == "failed"]
    assert len(failed) == 1
    assert step in (None, failed[0][0])
    assert code in (None, failed[0][1])


@pytest.mark.parametrize("form", TOKENS)
def test_words_that_nobody_here_knows(scene, document, signed, form):
    """Nothing is fetched to learn them, and nothing that is said in them is repeated."""
    line = scene.town.one(signed({**document, "@context": [V2, "https://inconnu.example/v1"]}, form))
    assert line.steps[-1].code == "context.unknown"
    assert (line.verified, line.facts) == (False, None)


def test_what_json_ld_drops_is_seen_by_proof_only_readers_alone(scene, document, signed):
    """``--proof-only`` looks at the signature, and says that it looked at nothing else."""
    report = scene.town.verify(signed({**document, "undefined": "x"}), proof_only=True)
    (line,) = report.credentials
    assert [step.name for step in line.steps] == ["integrity", "issuer"]
    assert line.facts is None


@pytest.mark.parametrize("form", TOKENS)
def test_half_an_item(scene, document, signed, form):
    """The schema holds for what is shown, in whatever it is wrapped."""
    block, *others = document["credentialSubject"]["block"]
    halved = [{name: value for name, value in block.items() if name != "name"}, *others]
    subject = {**document["credentialSubject"], "block": halved}
    line = scene.town.one(signed({**document, "credentialSubject": subject}, form))
    assert outcome(line, "schema") == ("failed", "schema.refused")
    assert line.verdict == "not_valid"


@pytest.mark.parametrize("form", TOKENS)
def test_a_key_of_another_party(scene, document, signed, form):
    """Signed in order, by an honest key of somebody who is not the issuer."""
    line = scene.town.one(signed(document, form, scene.town.employer.desk.signer))
    assert scene.town.said(line)["issuer_key"] == ("failed", "issuer_key.other_party")
    assert line.facts is None


@pytest.mark.parametrize("form", TOKENS)
def test_a_key_name_of_the_issuer_and_the_key_of_another(scene, document, signed, form):
    kid = scene.town.certifier.desk.signer.verification_method
    line = scene.town.one(signed(document, form, scene.town.employer.desk.signer, kid=kid))
    assert scene.town.said(line) == {"integrity": ("failed", "signature.invalid")}


@pytest.mark.parametrize("form", TOKENS)
def test_the_first_data_model_is_not_enveloped(scene, document, signed, form):
    """Its tokens had a claim ``vc``; a document of it as payload is of no specification."""
    old = {
        "@context": ["https://www.w3.org/2018/credentials/v1"],
        "type": ["VerifiableCredential"],
        "issuer": document["issuer"]["id"],
        "issuanceDate": "2024-01-01T00:00:00Z",
        "credentialSubject": {"id": "urn:uuid:0e4e1c1a-0000-4000-8000-0000000050b0"},
    }
    line = scene.town.one(signed(old, form))
    assert outcome(line, "schema") == ("failed", "model.first_context")


@pytest.mark.parametrize("form", TOKENS)
def test_a_status_list_is_about_nobody(scene, signed, form):
    listed = read_object(scene.town.certifier.lists()[0].read_bytes())
    bare = {name: value for name, value in listed.items() if name != "proof"}
    line = scene.town.one(signed(bare, form))
    assert outcome(line, "schema") == ("failed", "format.status_list")


@pytest.mark.parametrize("form", TOKENS)
def test_a_status_in_the_token_is_asked_as_well(scene, document, signed, form):
    """Token Status List §6: whichever of the two lists says so, it is withdrawn."""
    unknown = {"status_list": {"idx": 1, "uri": "https://certificateur.example/status/token/999"}}
    line = scene.town.one(signed({**document, "status": unknown}, form))
    assert outcome(line, "status") == ("unknown", "status.not_retrieved")
    assert line.verdict == "cannot_check"


@pytest.mark.parametrize("form", TOKENS)
def test_two_holders(scene, document, signed, form):
    other = {"cnf": {"jwk": to_jwk(LocalSigner.generate("P-256").public_key)}}
    line = scene.town.one(signed({**document, **other}, form))
    assert outcome(line, "schema") == ("failed", "model.two_holders")


# Times of the signature, and of what was signed


@pytest.mark.parametrize(
    ("claims", "found", "verdict"),
    [
        ({}, ("passed", "dates.no_end"), "to_confirm"),
        ({"exp": 1}, ("passed", "dates.valid_until"), "to_confirm"),
        ({"exp": -1}, ("failed", "credential.expired"), "expired"),
        ({"nbf": 1}, ("failed", "credential.not_yet_valid"), "not_valid"),
        ({"iat": 1}, ("failed", "credential.not_yet_valid"), "not_valid"),
        ({"nbf": -1, "iat": -1}, ("passed", "dates.no_end"), "to_confirm"),
    ],
    ids=str,
)
@pytest.mark.parametrize("form", TOKENS)
def test_the_signature_has_times_of_its_own(scene, document, signed, form, claims, found, verdict):
    """VC-JOSE-COSE §3.1.3: they stand beside validFrom and validUntil, and both must hold."""
    stated = {name: int((NOW + days * DAY).timestamp()) for name, days in claims.items()}
    line = scene.town.one(signed({**document, **stated}, form))
    assert (outcome(line, "dates"), line.verdict) == (found, verdict)


@pytest.mark.parametrize("form", TOKENS)
def test_a_signature_does_not_prolong_what_it_signs(scene, document, signed, form):
    later = {"exp": int((NOW + 999 * DAY).timestamp())}
    ended = {**document, "validUntil": (NOW - DAY).strftime("%Y-%m-%dT%H:%M:%SZ")}
    assert scene.town.one(signed({**ended, **later}, form)).verdict == "expired"


# Envelopes


@pytest.mark.parametrize("form", [SD, JWT, LD_SD])
def test_an_envelope_alone_is_what_is_in_it(scene, form):
    """An object of VCDM 2.0 §4.13 handed over as it is."""
    line = scene.town.one(json.dumps(enveloped(scene.award[form], form)))
    assert (line.verdict, line.verified) == ("to_confirm", True)
    assert scene.town.said(line)["holder"] == ("not_applicable", "holder.not_shown")


@pytest.mark.parametrize("form", [SD, JWT, LD_SD])
def test_an_envelope_says_what_is_in_it_or_is_refused(scene, form):
    for other in ("vc+jwt", "vc+sd-jwt", "dc+sd-jwt"):
        node = wrap(Envelope(other, scene.award[form].decode()))
        good = form == f"application/{other}"
        assert scene.town.verify(json.dumps(node)).verified == good


def test_a_presentation_in_an_envelope(scene, presented):
    """EnvelopedVerifiablePresentation, §4.14."""
    token = presented(enveloped(scene.award[JWT], JWT))
    report = scene.town.verify(json.dumps(wrap(Envelope("vp+jwt", token))), question=QUESTION)
    assert (report.verdict, report.verified) == ("genuine", True)


@pytest.mark.parametrize("typ", ["vp+jwt", "vp+sd-jwt"])
def test_every_form_in_one_presentation(scene, presented, typ):
    """Enveloped beside embedded; each is bound to the key that signed around them."""
    derived = data_integrity.derive(read_object(scene.award[LD]), SUITES, [])
    tokens = [enveloped(scene.award[form], form) for form in (JWT, LD_SD, SD)]
    report = scene.town.verify(presented(derived, *tokens, typ=typ), question=QUESTION)
    assert [step.code for step in report.steps] == ["format.recognized", "integrity.intact"]
    assert [outcome(line, "holder") for line in report.credentials] == [("passed", "holder.live")] * 4
    assert (report.verdict, report.verified) == ("genuine", True)


def test_tokens_in_a_presentation_with_an_embedded_proof(scene):
    """The presentation's proof covers the envelopes, letter for letter."""
    share = read_object(scene.person.answer(scene.award[LD]))
    bare = {name: value for name, value in share.items() if name != "proof"}
    bare["verifiableCredential"] += [enveloped(scene.award[form], form) for form in (JWT, LD_SD, SD)]
    options = ProofOptions(
        "authentication", created="2026-11-21T08:00:00Z", challenge=QUESTION.nonce, domain=QUESTION.audience
    )
    signer = scene.person.signer_for(scene.holder)
    secured = data_integrity.add_proof(bare, SUITES["ecdsa-rdfc-2019"], options, signer)
    report = scene.town.verify(json.dumps(secured), question=QUESTION)
    assert (len(report.credentials), report.verdict, report.verified) == (4, "genuine", True)
    bent = json.dumps(secured).replace("data:application/vc+jwt,eyJ", "data:application/vc+jwt,eyK")
    assert scene.town.verify(bent, question=QUESTION).credentials == ()


BAD_ENVELOPES = {
    "without a context": {"@context": ...},
    "with another type beside": {"type": ["EnvelopedVerifiableCredential", "VerifiableCredential"]},
    "with claims beside": {"credentialSubject": {"givenName": "Camille"}},
    "with an issuer beside": {"issuer": "did:web:certificateur.example"},
    "with an address": {"id": "https://certificateur.example/1"},
    "without an id": {"id": ...},
    "of a presentation": {"id": "data:application/vp+jwt,e30.e30.AAAA"},
}


@pytest.mark.parametrize("change", BAD_ENVELOPES.values(), ids=BAD_ENVELOPES)
def test_a_bad_envelope_spoils_the_presentation(scene, presented, change):
    changed = {**enveloped(scene.award[JWT], JWT), **change}
    node = {name: value for name, value in changed.items() if value is not ...}
    report = scene.town.verify(presented(node), question=QUESTION)
    assert report.credentials == () or report.credentials[0].facts is None
    assert (report.verdict, report.verified) == ("not_valid", False)


def test_no_presentation_in_a_presentation(scene, presented):
    inner = wrap(Envelope("vp+jwt", presented(enveloped(scene.award[JWT], JWT))))
    report = scene.town.verify(presented(inner), question=QUESTION)
    assert not report.verified
    assert all(line.facts is None for line in report.credentials)


@pytest.mark.parametrize("inside", [None, "x", 7, [], [[]], {}, {"type": "VerifiableCredential"}])
@pytest.mark.parametrize("typ", ["vp+jwt", "vp+sd-jwt"])
def test_what_is_no_credential(scene, presented, inside, typ):
    report = scene.town.verify(presented(inside, typ=typ), question=QUESTION)
    assert (report.verdict, report.verified) == ("not_valid", False)


def test_an_unsecured_credential_in_a_signed_presentation(scene, document, presented):
    """§3.1.2: credentials in presentations are secured."""
    report = scene.town.verify(presented(document), question=QUESTION)
    (line,) = report.credentials
    assert scene.town.said(line) == {"integrity": ("failed", "proof.missing")}


def test_nothing_and_too_much(scene, presented):
    for credentials, code in [
        ([], "format.no_credential"),
        ([{}] * (limits.CREDENTIALS_PER_PRESENTATION + 1), "presentation.too_many"),
    ]:
        report = scene.town.verify(presented(*credentials), question=QUESTION)
        assert [step.code for step in report.steps] == [code]


# Who showed it


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"aud": "https://autre.example"}, "kb.other_audience"),
        ({"aud": ...}, "kb.invalid"),
        ({"nonce": "rejoué"}, "kb.other_nonce"),
        ({"nonce": ...}, "kb.invalid"),
        ({"iat": ...}, "kb.invalid"),
        ({"iat": int((NOW - DAY).timestamp())}, "kb.too_old"),
        ({"iat": int((NOW + DAY).timestamp())}, "kb.from_the_future"),
        ({"exp": int((NOW - DAY).timestamp())}, "kb.expired"),
        ({"nbf": int((NOW + DAY).timestamp())}, "sdjwt.not_yet_valid"),
        ({"holder": "did:web:certificateur.example"}, "kb.other_holder"),
        ({"iss": "did:web:certificateur.example"}, "sdjwt.issuer_key_mismatch"),
    ],
    ids=str,
)
@pytest.mark.parametrize("typ", ["vp+jwt", "vp+sd-jwt"])
def test_a_presentation_made_for_something_else(scene, presented, changes, code, typ):
    """Judged by the question, never by what was sent."""
    share = presented(enveloped(scene.award[JWT], JWT), typ=typ, **changes)
    report = scene.town.verify(share, question=QUESTION)
    assert (report.steps[-1].name, report.steps[-1].code) == ("holder", code)
    assert (report.credentials, report.verified) == ((), False)


def test_an_answer_where_nothing_was_asked(scene, presented):
    report = scene.town.verify(presented(enveloped(scene.award[JWT], JWT)))
    assert (report.steps[-1].name, report.steps[-1].code) == ("holder", "holder.for_another")


@pytest.mark.parametrize("form", [SD, JWT, LD_SD])
def test_a_thief_presents_what_is_somebody_elses(scene, person, presented, form):
    """In full order and with their own name; the credential is bound to another key."""
    thief = person.signer_for(person.new_key())
    holder = thief.verification_method.partition("#")[0]
    share = presented(enveloped(scene.award[form], form), signer=thief, holder=holder)
    report = scene.town.verify(share, question=QUESTION)
    (line,) = report.credentials
    assert scene.town.said(line)["holder"] == ("failed", "holder.other_key")
    assert (line.facts, report.verified) == (None, False)


def test_the_issuer_presents_it(scene, presented):
    """Whoever signed the credential is for that not its holder."""
    share = presented(enveloped(scene.award[JWT], JWT), signer=scene.town.certifier.desk.signer)
    (line,) = scene.town.verify(share, question=QUESTION).credentials
    assert scene.town.said(line)["holder"] == ("failed", "holder.other_key")


def test_a_key_that_its_owner_withdrew_presents_nothing(town, person, presented):
    """An organisation holds what is about it, by the keys under its DID."""
    document = {
        "@context": [V2],
        "type": ["VerifiableCredential"],
        "issuer": town.employer.desk.did,
        "credentialSubject": {"id": town.certifier.desk.did},
    }
    held = wrap(Envelope("vc+jwt", town.signed(document, town.employer.desk.signer, JWT).decode()))
    share = presented(held, signer=town.certifier.desk.signer, holder=town.certifier.desk.did)
    assert town.verify(share, question=QUESTION).verified
    town.certifier.revoke_key("superseded", NOW - DAY)
    (line,) = town.verify(share, question=QUESTION).credentials
    assert town.said(line)["holder"] == ("failed", "holder.other_key")


def test_a_bound_sd_jwt_in_somebody_elses_presentation(town, person, presented):
    """Two holders answer one question together: each by their own key, one around the other."""
    first, second = person.new_key(), person.new_key()
    awards = [
        town.certifier.issue("certification", did, reference=did)[form]
        for did, form in ((first, JWT), (second, LD_SD))
    ]
    town.certifier.publish()
    binding = KeyBinding(person.signer_for(second), QUESTION.audience, QUESTION.nonce, NOW)
    bound = sd_jwt.present(awards[1].decode(), [], binding).encode()
    share = presented(enveloped(awards[0], JWT), enveloped(bound, LD_SD), signer=person.signer_for(first))
    report = town.verify(share, question=QUESTION)
    assert [outcome(line, "holder")[1] for line in report.credentials] == ["holder.live"] * 2
    other = replace(QUESTION, nonce="another")
    stale = KeyBinding(person.signer_for(second), other.audience, other.nonce, NOW)
    relayed = sd_jwt.present(awards[1].decode(), [], stale).encode()
    share = presented(enveloped(relayed, LD_SD), signer=person.signer_for(first))
    (line,) = town.verify(share, question=QUESTION).credentials
    assert town.said(line)["holder"] == ("failed", "kb.other_nonce")


@pytest.mark.parametrize("typ", ["vp+jwt", "vp+sd-jwt"])
def test_everything_in_tokens(town, person, typ):
    """``present --form``: all forms of several awards, a token per key, each verified with the others."""
    holders = [person.new_key() for _ in range(2)]
    bodies = [
        body for did in holders for body in town.certifier.issue("certification", did, reference=did).values()
    ]
    town.certifier.publish()
    choices = [town.choice(body) for body in bodies]
    parts = present(choices, person, bearer(NOW - DAY, 30 * DAY), form=typ)
    assert [(part.form, jose.peek(part.text)) for part in parts] == [(typ, typ)] * 2
    texts = {f"p{number}": [part.text] for number, part in enumerate(parts)}
    report = town.verify(json.dumps({"vp_token": texts}))
    assert (len(report.credentials), report.verdict, report.verified) == (10, "genuine", True)


def test_what_was_hidden_is_in_no_layer_of_a_presentation(scene):
    """Neither base proof nor undisclosed items stand in the token, however deep."""
    choices = [scene.town.choice(scene.award[form], "block.0") for form in (LD, SD, LD_SD)]
    (part,) = present(choices, scene.person, bearer(NOW - DAY, 30 * DAY), form="vp+jwt")
    report = scene.town.verify(part.text)
    assert report.verified
    written = scene.town.everything_said(report)
    assert "front-end" in written
    for hidden in ("EXEMPLE-DÉMONSTRATION", "Camille", "back-end", "TRES_BIEN"):
        assert hidden not in written
    for credential in read_object(jws.parse(part.text).payload)["verifiableCredential"]:
        assert "EXEMPLE" not in json.dumps(credential, ensure_ascii=False)


def test_whole_tokens_hide_nothing_and_say_so(scene):
    chosen = Choice(scene.town.choice(scene.award[JWT]).held, ["block.0"])
    for form in (None, "vp+jwt"):
        with pytest.raises(InputError, match=r"present\.shows_everything"):
            present([chosen], scene.person, bearer(NOW, DAY), form=form)


def test_the_forms_of_one_award_say_the_same(scene):
    """Item by item and word for word, in all five."""
    said = [
        [(item.id, item.value) for item in scene.town.one(scene.person.bearer(body)).facts.shown]
        for body in scene.award.values()
    ]
    assert len(said) == 5
    assert all(one == said[0] for one in said)


def test_no_two_forms_of_an_award_share_a_name(scene):
    """Ids, status indexes and lists: nothing links the forms but what they say."""
    facts = [scene.town.one(scene.person.bearer(scene.award[form])).facts for form in (LD, JWT, LD_SD)]
    assert len({one.id for one in facts}) == 3
    assert len({(entry.uri, entry.index) for one in facts for entry in one.status}) == 6
    assert {one.holder_id for one in facts} == {did_key.did(one.holder_key) for one in facts}
