"""Requests and answers that only the issuer and the wallet can read."""

import pytest

from boundary import strict_json
from exchange.openid4vci import encryption, messages, metadata
from exchange.openid4vci.messages import CredentialRequest, DeferredRequest
from keys import jwe
from keys.jwe import DecryptionKey

CENTRE = "http://127.0.0.1:8000/issuers/centre"


@pytest.fixture
def offered(certifier):
    answer = certifier.http.get("/.well-known/openid-credential-issuer/issuers/centre")
    return metadata.read(answer.json(), CENTRE).encryption


@pytest.fixture
def wallet(certifier):
    return certifier.wallet().take_up(certifier.read(certifier.offer()))


def send(wallet, token, endpoint="credential"):
    headers = {**wallet.authorization, "Content-Type": "application/jwt"}
    return wallet.post(endpoint, content=token, headers=headers)


def refused(answer, code):
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_encryption_parameters"), answer.text
    assert answer.json()["error_description"].startswith(code)


def test_a_request_and_its_answer(certifier, offered, wallet):
    mine = DecryptionKey.generate()
    request = CredentialRequest("diploma.sd-jwt", None, wallet.proofs(), encryption.wanted(mine, offered))
    answer = send(wallet, encryption.encrypt_request(request.document(), offered))
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/jwt")
    assert jwe.header_of(answer.text)["kid"] == mine.kid
    response = messages.read_response(encryption.decrypt_response(answer.text, mine))
    assert len(response.credentials) == 1


@pytest.mark.parametrize("cipher", jwe.CIPHERS)
def test_both_ciphers_of_the_profile(offered, wallet, cipher):
    mine = DecryptionKey.generate()
    wanted = messages.ResponseEncryption(mine.public, cipher)
    request = CredentialRequest("diploma.sd-jwt", None, wallet.proofs(), wanted)
    token = jwe.encrypt(strict_json.encode(request.document()), offered.keys[0], cipher)
    answer = send(wallet, token)
    assert answer.status_code == 200, answer.text
    assert jwe.header_of(answer.text)["enc"] == cipher


def test_an_encrypted_request_may_be_answered_plainly(offered, wallet):
    request = CredentialRequest("diploma.sd-jwt", proofs=wallet.proofs())
    answer = send(wallet, encryption.encrypt_request(request.document(), offered))
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/json")


def test_an_encrypted_answer_to_a_plain_request_is_refused(offered, wallet):
    """§8.2: whoever stands between could have put their own key."""
    wanted = encryption.wanted(DecryptionKey.generate(), offered)
    refused(
        wallet.ask(CredentialRequest("diploma.sd-jwt", None, wallet.proofs(), wanted)), "vci.encryption_plain"
    )
    assert wallet.fetch().status_code == 200, "nothing was used up"


def test_what_is_deferred_is_encrypted_for_the_key_of_each_request(certifier, offered):
    sent = certifier.offer("R-held", held=True)
    wallet = certifier.wallet().take_up(certifier.read(sent))
    first, second = DecryptionKey.generate(), DecryptionKey.generate()
    request = CredentialRequest("diploma.ldp", None, wallet.proofs(), encryption.wanted(first, offered))
    answer = send(wallet, encryption.encrypt_request(request.document(), offered))
    assert answer.status_code == 202
    waiting = messages.read_response(encryption.decrypt_response(answer.text, first))
    certifier.offering.release(sent.offer.id, certifier.clock())
    later = DeferredRequest(waiting.transaction_id, encryption.wanted(second, offered))
    answer = send(wallet, encryption.encrypt_request(later.document(), offered), "deferred")
    assert answer.status_code == 200, answer.text
    assert messages.read_response(encryption.decrypt_response(answer.text, second)).credentials


@pytest.mark.parametrize(
    "bend",
    [
        lambda wanted: wanted.pop("jwk"),
        lambda wanted: wanted.pop("enc"),
        lambda wanted: wanted.update(zip="DEF"),
        lambda wanted: wanted.update(enc="A128CBC-HS256"),
        lambda wanted: wanted["jwk"].pop("alg"),
        lambda wanted: wanted["jwk"].update(alg="ECDH-ES+A256KW"),
        lambda wanted: wanted["jwk"].update(crv="P-384"),
        lambda wanted: wanted["jwk"].update(x="AAAA"),
        lambda wanted: wanted["jwk"].update(d="AAAA"),
        lambda wanted: wanted.update(jwk="x"),
        lambda wanted: wanted.update(jwk={"kty": "oct", "k": "AAAA", "alg": "dir"}),
    ],
)
def test_parameters_that_are_bent(offered, wallet, bend):
    document = CredentialRequest(
        "diploma.sd-jwt", None, wallet.proofs(), encryption.wanted(DecryptionKey.generate(), offered)
    ).document()
    bend(document["credential_response_encryption"])
    answer = send(wallet, encryption.encrypt_request(document, offered))
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_encryption_parameters"), answer.text
    assert wallet.fetch().status_code == 200, "nothing was used up"


def test_a_request_for_somebody_else_or_changed_on_the_way(certifier, offered, wallet):
    document = CredentialRequest("diploma.sd-jwt", proofs=wallet.proofs()).document()
    stranger = encryption.offered([DecryptionKey.generate()])
    refused(send(wallet, encryption.encrypt_request(document, stranger)), "jwe.not_for_us")
    token = encryption.encrypt_request(document, offered)
    head, key, iv, content, tag = token.split(".")
    other = ("A" if content[5] != "A" else "B") + content[6:]
    refused(send(wallet, ".".join((head, key, iv, content[:5] + other, tag))), "jwe.changed")
    for text in ("", "x", "a.b.c", "....", "é" * 10, token + "."):
        refused(send(wallet, text.encode()), "")


def test_every_process_reads_with_the_same_key(certifier, offered):
    from passeport.serve.organisations import Organisations

    again = Organisations(certifier.house.settings, certifier.house.audit, certifier.clock)
    assert list(again.get("centre").reading_keys()) == [key["kid"] for key in offered.keys]
    again.close()
    stored = (certifier.house.settings.home / "issuers" / "centre" / "reading.json").read_text()
    assert '"d"' not in stored
