"""What is shown is what was chosen, for whom it was asked, and signed with the key of that copy."""

import datetime as dt
import json
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from boundary import base64url
from boundary.strict_json import Json, write
from credentials.facts import Facts, facts_ld, facts_sd
from exchange.presentation import BEARER, JsonLdPart, Part, SdJwtPart
from keys.dids import key as did_key
from keys.local import LocalSigner
from problems import InputError, NotFoundError, Problem
from proofs import jws, sd_jwt
from proofs.sd_jwt.process import process
from storage.sqlite.vault import SqliteVault
from wallet import hold
from wallet.contents import Held
from wallet.declare import declare_skill
from wallet.opened import open_held
from wallet.present import ALL, Binding, Choice, bearer, present
from wallet.vault import Vault

NOW = dt.datetime(2026, 11, 21, 8, 0, tzinfo=dt.UTC)
QUESTION = Binding("https://recruteur.example", "n-0S6_WzA2Mj", NOW)


@pytest.fixture(scope="module")
def stocked(_furnished: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Vault]:
    """A vault with three awards in both forms, issued by the pipeline, and a declared skill."""
    path = tmp_path_factory.mktemp("stocked") / "wallet.db"
    path.write_bytes((_furnished / "home" / "wallet.db").read_bytes())
    with closing(SqliteVault(path)) as store:
        vault = Vault.open(store, "phrase secrète de test")
        person: Json = {"given_name": "Camille", "family_name": "EXEMPLE"}
        declare_skill(vault, {"name": "Tenir un planning", "level": "3"}, person, NOW)
        yield vault


@pytest.fixture(scope="module")
def held(stocked: Vault) -> Callable[[str, str], Held]:
    """Finds an award by the beginning of its title, in one form."""

    def find(title: str, media_type: str) -> Held:
        [found] = [
            one
            for one in stocked.credentials()
            if one.media_type == media_type and hold.facts_of(one).title.startswith(title)
        ]
        return found

    return find


LD, SD = "application/vc", "application/dc+sd-jwt"
AWARDS = ("Développeur web", "BTS", "Développer la partie")


def credentials_in(parts: list[Part]) -> list[Facts]:
    """Return what each credential shows, read as a verifier would once signatures hold."""
    facts = []
    for part in parts:
        if isinstance(part, SdJwtPart):
            parsed = sd_jwt.parse(part.text)
            facts.append(
                facts_sd(process(jws.claims(jws.parse(parsed.issuer_jwt)), parsed.disclosures).payload)
            )
        else:
            facts += [facts_ld(one) for one in part.document["verifiableCredential"]]
    return facts


def chosen_in(facts: Facts) -> set[str]:
    return {item.id for item in facts.shown if not item.always}


def content(facts: Facts, ids: set[str]) -> list[tuple[str, str]]:
    """Return what these items say; elements of a list are numbered anew where some are hidden."""
    return sorted(
        (item.id.partition(".")[0], json.dumps(item.value)) for item in facts.shown if item.id in ids
    )


def readable(parts: list[Part]) -> str:
    """Return everything that the presentation says, disclosures and tokens decoded."""
    texts = []
    for part in parts:
        if isinstance(part, JsonLdPart):
            texts.append(write(part.document))
            continue
        for piece in part.text.replace("~", ".").split("."):
            raw = base64url.decode(piece) if piece else b""
            texts.append(raw.decode("utf-8", "replace"))
    return "\n".join(texts)


@pytest.mark.parametrize("form", [LD, SD], ids=["json-ld", "sd-jwt"])
@pytest.mark.parametrize("title", AWARDS)
@given(data=st.data())
@settings(max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_exactly_what_was_chosen_is_shown(stocked, held, title: str, form: str, data) -> None:
    one = held(title, form)
    items = {item.id: item for item in open_held(one).items}
    chosen = data.draw(st.sets(st.sampled_from(sorted(items))))
    parts = present([Choice(one, chosen)], stocked, QUESTION)
    [facts] = credentials_in(parts)
    assert content(facts, chosen_in(facts)) == content(hold.facts_of(one), chosen)
    said = readable(parts)
    whole = {item.id: item for item in hold.facts_of(one).shown}
    kept = json.dumps([whole[name].value for name in whole if whole[name].always or name in chosen])
    for name in items.keys() - chosen:
        for secret in _texts(whole[name].value):
            assert json.dumps(secret)[1:-1] in kept or secret not in said, f"{name} was hidden"


def _texts(value) -> Iterator[str]:
    """The texts of a value that are long enough to be told from anything else."""
    if isinstance(value, dict):
        for member in value.values():
            yield from _texts(member)
    elif isinstance(value, list):
        for element in value:
            yield from _texts(element)
    elif isinstance(value, str) and len(value) > 5:
        yield value


@pytest.mark.parametrize("form", [LD, SD], ids=["json-ld", "sd-jwt"])
@pytest.mark.parametrize("title", AWARDS)
def test_all_is_everything_that_the_issuer_delivered(stocked, held, title: str, form: str) -> None:
    one = held(title, form)
    [facts] = credentials_in(present([Choice(one, [ALL])], stocked, QUESTION))
    assert chosen_in(facts) == {item.id for item in open_held(one).items}
    assert facts.shown == hold.facts_of(one).shown


@pytest.mark.parametrize("form", [LD, SD], ids=["json-ld", "sd-jwt"])
def test_nothing_chosen_shows_what_is_always_shown(stocked, held, form: str) -> None:
    [facts] = credentials_in(present([Choice(held("BTS", form))], stocked, QUESTION))
    assert chosen_in(facts) == set()
    assert facts.title
    assert facts.issuer_id


def test_both_forms_of_one_award_show_the_same(stocked, held) -> None:
    choice = ("family_name", "mention", "block.0")
    parts = present([Choice(held("Développeur", form), choice) for form in (LD, SD)], stocked, QUESTION)
    one, two = credentials_in(parts)
    assert [(item.id, item.value) for item in one.shown] == [(item.id, item.value) for item in two.shown]


@pytest.mark.parametrize("form", [LD, SD], ids=["json-ld", "sd-jwt"])
@pytest.mark.parametrize("item", ["block.99", "nir", "", "credentialSubject"])
def test_an_item_that_there_is_not_is_refused(stocked, held, form: str, item: str) -> None:
    with pytest.raises(NotFoundError) as caught:
        present([Choice(held("BTS", form), [item])], stocked, QUESTION)
    assert caught.value.code == "present.item_unknown"
    assert "family_name" in str(caught.value.facts["known"])


def test_a_document_signed_as_a_whole_is_shown_whole_or_not_at_all(stocked, held) -> None:
    declared = held("Tenir", LD)
    for items in ((), ("given_name",)):
        with pytest.raises(InputError) as caught:
            present([Choice(declared, items)], stocked, QUESTION)
        assert caught.value.code == "present.shows_everything"
    [facts] = credentials_in(present([Choice(declared, [ALL])], stocked, QUESTION))
    assert chosen_in(facts) == {"given_name", "family_name"}


# to whom, and by whom


def binding_of(part: Part) -> dict:
    if isinstance(part, SdJwtPart):
        return jws.claims(jws.parse(part.text.rpartition("~")[2]))
    proof = part.document["proof"]
    return proof if isinstance(proof, dict) else proof[0]


def test_an_answer_is_bound_to_its_question(stocked, held) -> None:
    choices = [Choice(held("BTS", LD)), Choice(held("BTS", SD))]
    by_kind = {type(part): binding_of(part) for part in present(choices, stocked, QUESTION)}
    token, proof = by_kind[SdJwtPart], by_kind[JsonLdPart]
    assert (token["aud"], token["nonce"], token["iat"]) == (
        QUESTION.audience,
        QUESTION.nonce,
        NOW.timestamp(),
    )
    assert (proof["domain"], proof["challenge"]) == (QUESTION.audience, QUESTION.nonce)
    assert proof["proofPurpose"] == "authentication"
    assert "expires" not in proof
    assert "exp" not in token


def test_a_share_to_any_bearer_says_so_and_ends(stocked, held) -> None:
    binding = bearer(NOW, dt.timedelta(days=30))
    choices = [Choice(held("BTS", LD)), Choice(held("BTS", SD))]
    by_kind = {type(part): binding_of(part) for part in present(choices, stocked, binding)}
    token, proof = by_kind[SdJwtPart], by_kind[JsonLdPart]
    end = NOW + dt.timedelta(days=30)
    assert (token["aud"], token["exp"]) == (BEARER, end.timestamp())
    assert (proof["domain"], proof["expires"]) == (BEARER, "2026-12-21T08:00:00Z")
    assert "challenge" not in proof


def test_each_bearer_share_has_a_nonce_of_its_own(stocked, held) -> None:
    binding = bearer(NOW, dt.timedelta(days=1))
    nonces = {
        binding_of(part)["nonce"]
        for _ in range(5)
        for part in present([Choice(held("BTS", SD))], stocked, binding)
    }
    assert len(nonces) == 5
    [part] = present([Choice(held("BTS", SD))], stocked, binding, random=lambda count: bytes(count))
    assert binding_of(part)["nonce"] == "A" * 22


def test_each_copy_is_shown_with_its_own_key(stocked, held) -> None:
    """Keys that were shared would link what the person shows here and there."""
    parts = present([Choice(held(title, LD)) for title in AWARDS], stocked, QUESTION)
    [part] = parts
    assert isinstance(part, JsonLdPart)
    signers = {proof["verificationMethod"].partition("#")[0] for proof in part.document["proof"]}
    assert signers == {facts.holder_id for facts in credentials_in(parts)}
    assert len(signers) == 3


def test_one_key_signs_once_whatever_it_shows(stocked, held) -> None:
    choice = Choice(held("BTS", LD))
    [part] = present([choice, choice], stocked, QUESTION)
    assert isinstance(part, JsonLdPart)
    assert isinstance(part.document["proof"], dict)
    assert len(part.document["verifiableCredential"]) == 2


def test_the_order_of_what_is_handed_over_does_not_mix_forms(stocked, held) -> None:
    choices = [Choice(held("BTS", LD)), Choice(held("BTS", SD)), Choice(held("Développeur", LD))]
    kinds = [type(part) for part in present(choices, stocked, QUESTION)]
    assert kinds == [SdJwtPart, JsonLdPart], "one token per SD-JWT, one presentation for all JSON-LD"


class NoKeys:
    """A wallet that was restored without its keys."""

    def signer_for(self, did: str) -> LocalSigner:
        raise NotFoundError("wallet.no_key")


@pytest.mark.parametrize("form", [LD, SD], ids=["json-ld", "sd-jwt"])
def test_without_the_key_nothing_is_shown(held, form: str) -> None:
    with pytest.raises(NotFoundError) as caught:
        present([Choice(held("BTS", form))], NoKeys(), QUESTION)
    assert caught.value.code == "wallet.no_key"


class AnotherKey:
    def signer_for(self, did: str) -> LocalSigner:
        signer = LocalSigner.generate("P-256")
        return LocalSigner.generate("P-256", did_key.verification_method(signer.public_key))


def test_another_key_than_the_holders_is_refused(held) -> None:
    with pytest.raises(Problem):
        present([Choice(held("BTS", SD))], AnotherKey(), QUESTION)


# what is bound to nobody, and types that are not ours


def test_what_is_bound_to_nobody_is_shown_without_a_signature(academy, stocked) -> None:
    body = academy.sd_jwt("diploma", None)
    one = Held(SD, body, NOW)
    [part] = present([Choice(one, ["family_name"])], stocked, QUESTION)
    assert isinstance(part, SdJwtPart)
    assert part.text.endswith("~")
    assert chosen_in(credentials_in([part])[0]) == {"family_name"}


def test_documents_bound_to_nobody_cannot_be_presented_alone(stocked, held) -> None:
    document = json.loads(held("BTS", LD).body)
    document["credentialSubject"]["id"] = "urn:uuid:4f368268-6a19-5ab3-b493-f2092a85af9e"
    unbound = Held(LD, write({**document, "proof": {"type": "DataIntegrityProof"}}).encode(), NOW)
    with pytest.raises(InputError) as caught:
        present([Choice(unbound, [ALL])], stocked, QUESTION)
    assert caught.value.code == "present.nobody_to_sign"


@pytest.fixture(scope="module")
def foreign() -> bytes:
    """An SD-JWT VC of a type that no template of ours describes."""
    payload: Json = {
        "vct": "https://example.org/badge",
        "iss": "did:web:a.example",
        "colour": "bleu",
        "size": "grand",
    }
    signer = LocalSigner.generate("P-256", "did:web:a.example#key-1")
    return sd_jwt.issue(payload, [("colour",), ("size",)], signer).encode()


def test_a_foreign_type_is_shown_whole_or_bare(stocked, foreign: bytes) -> None:
    """It has no items to choose from; "all" is all, not nothing."""
    one = Held(SD, foreign, NOW)
    assert open_held(one).items == ()
    shown = {}
    for items in ((ALL,), ()):
        [part] = present([Choice(one, items)], stocked, QUESTION)
        assert isinstance(part, SdJwtPart)
        shown[items] = set(sd_jwt.disclosed(sd_jwt.parse(part.text)))
    assert shown == {(ALL,): {("colour",), ("size",)}, (): set()}
    with pytest.raises(NotFoundError):
        present([Choice(one, ["colour"])], stocked, QUESTION)


def test_all_shows_what_an_issuer_hid_beyond_our_items(stocked, foreign: bytes) -> None:
    """A type of ours, secured by somebody who made more disclosures than our template says."""
    data = Path(__file__).parents[1] / "exchange" / "data" / "declared-skill.sd-jwt.json"
    payload: Json = {n: v for n, v in json.loads(data.read_text("utf-8")).items() if n not in ("cnf", "iss")}
    hidden = ["given_name", "family_name", "locale"]
    signer = LocalSigner.generate("P-256", "did:web:a.example#key-1")
    text = sd_jwt.issue({**payload, "locale": "fr"}, [(name,) for name in hidden], signer)
    one = Held(SD, text.encode(), NOW)
    assert "locale" not in {item.id for item in open_held(one).items}
    [part] = present([Choice(one, [ALL])], stocked, QUESTION)
    assert isinstance(part, SdJwtPart)
    assert set(sd_jwt.disclosed(sd_jwt.parse(part.text))) == {(name,) for name in hidden}
