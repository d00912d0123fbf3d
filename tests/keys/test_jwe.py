"""What is encrypted is read by the one it is for, whole, and in one way only."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from joserfc import jwe as other
from joserfc.jwk import ECKey

from boundary import base64url
from keys.jwe import CIPHERS, DecryptionKey, decrypt, encrypt, header_of
from problems import LimitError, MalformedValueError, Problem, ProofVerificationError

KEY = DecryptionKey.generate()
TOKEN = encrypt(b"contenu", KEY.public, "A128GCM", apu=b"moi", apv=b"toi")


def reheaded(**changes: object) -> str:
    header = {**header_of(TOKEN), **changes}
    kept = {name: value for name, value in header.items() if value is not None}
    return ".".join([base64url.encode(json.dumps(kept).encode()), *TOKEN.split(".")[1:]])


@settings(max_examples=20)
@given(st.binary(min_size=1, max_size=2_000), st.sampled_from(CIPHERS))
def test_what_was_encrypted_comes_out_whole(content, cipher):
    assert decrypt(encrypt(content, KEY.public, cipher), {KEY.kid: KEY}) == content


def test_the_header_takes_the_name_of_the_key_along():
    assert header_of(TOKEN)["kid"] == KEY.kid == KEY.public["kid"]
    assert "d" not in KEY.public


def test_a_key_is_kept_and_read_again():
    assert decrypt(TOKEN, {KEY.kid: DecryptionKey.read(KEY.secret)}) == b"contenu"


@pytest.mark.parametrize("cipher", CIPHERS)
def test_another_implementation_reads_ours_and_we_read_theirs(cipher):
    theirs = ECKey.import_key(KEY.secret)
    ours = other.decrypt_compact(encrypt(b"x", KEY.public, cipher), theirs, algorithms=["ECDH-ES", cipher])
    assert ours.plaintext == b"x"
    header = {"alg": "ECDH-ES", "enc": cipher, "kid": KEY.kid}
    token = other.encrypt_compact(header, b"y", ECKey.import_key(KEY.public), algorithms=["ECDH-ES", cipher])
    assert decrypt(token, {KEY.kid: KEY}) == b"y"


@pytest.mark.parametrize("position", range(0, 180, 7))
def test_a_changed_message_is_refused(position):
    changed = TOKEN[:position] + ("A" if TOKEN[position] != "A" else "B") + TOKEN[position + 1 :]
    with pytest.raises(Problem):
        decrypt(changed, {KEY.kid: KEY})


@pytest.mark.parametrize(
    "changes",
    [
        {"zip": "DEF"}, {"crit": ["exp"]}, {"alg": "dir"}, {"alg": "ECDH-ES+A128KW"},
        {"alg": "PBES2-HS256+A128KW"}, {"alg": "RSA1_5"}, {"alg": None},
        {"enc": "A128CBC-HS256"}, {"enc": None},
    ],
    ids=str,
)  # fmt: skip
def test_another_way_of_encrypting_is_not_even_tried(changes):
    with pytest.raises(ProofVerificationError) as refusal:
        decrypt(reheaded(**changes), {KEY.kid: KEY})
    assert refusal.value.code == "jwe.unsupported"


@pytest.mark.parametrize(
    "changes",
    [{"apu": "eA"}, {"apv": "eA"}, {"apu": None}, {"epk": KEY.public}],
    ids=["other apu", "other apv", "no apu", "other epk"],
)
def test_the_header_is_part_of_what_is_protected(changes):
    with pytest.raises(Problem):
        decrypt(reheaded(**changes), {KEY.kid: KEY})


def test_a_message_for_another_conversation_is_refused():
    old = DecryptionKey.generate()
    for keys in ({}, {old.kid: old}):
        with pytest.raises(ProofVerificationError, match=r"jwe\.not_for_us"):
            decrypt(TOKEN, keys)
    with pytest.raises(ProofVerificationError, match=r"jwe\.changed"):
        decrypt(TOKEN, {KEY.kid: old})


@pytest.mark.parametrize(
    "token",
    ["", "a.b.c", "....", "a.b.c.d.e", TOKEN + ".", "!" + TOKEN],
    ids=["nothing", "three parts", "empty parts", "letters", "one part more", "another letter"],
)
def test_what_is_no_message_is_refused(token):
    with pytest.raises(Problem):
        decrypt(token, {KEY.kid: KEY})


def test_a_message_larger_than_any_honest_one_is_refused():
    with pytest.raises(LimitError):
        decrypt("a" * (3 << 20), {KEY.kid: KEY})


@pytest.mark.parametrize(
    "jwk",
    [
        {}, {"kty": "EC"}, KEY.secret, {**KEY.public, "x": "AA"}, {**KEY.public, "y": KEY.public["x"]},
        {**KEY.public, "crv": "P-384"}, {**KEY.public, "alg": "RSA-OAEP"}, {"kty": "oct", "k": "AAAA"},
    ],
)  # fmt: skip
def test_a_key_that_is_none_of_ours_gets_nothing(jwk):
    with pytest.raises(MalformedValueError):
        encrypt(b"x", jwk, "A128GCM")
