"""Tokens made to be refused: SD-JWT VC, key binding, JOSE.

Named as the catalogue (``cases.yaml``) names them; each returns the payload of one case, or several with
their labels. See :mod:`attacks.minting` for whom a verifier under test is to trust.
"""

import hashlib
import hmac
import os
import time

from attacks.minting import AUD, HDR, ISS, KEYS, NONCE, b64u, base_payload, disc, jd, jws, sdjwt, sha256
from cryptography.hazmat.primitives import serialization as ser
from jwcrypto.jwe import JWE
from jwcrypto.jwk import JWK

# Controls: they must be accepted, or a refusal proves nothing


def sd_control():
    text, digest = disc("skill", "welding")
    return sdjwt(base_payload(_sd=[digest]), [text])


def sd_control_decoys():
    text, digest = disc("skill", "welding")
    return sdjwt(base_payload(_sd=[digest, *(b64u(os.urandom(32)) for _ in range(5))]), [text])


# SD-JWT


def sd_dup_digest_two_levels():
    text, digest = disc("skill", "x")
    return sdjwt(base_payload(_sd=[digest], nested={"_sd": [digest]}), [text])


def sd_dup_digest_undisclosed():
    digest = b64u(os.urandom(32))
    return sdjwt(base_payload(_sd=[digest], nested={"_sd": [digest]}))


def sd_same_disclosure_twice():
    text, digest = disc("skill", "x")
    return sdjwt(base_payload(_sd=[digest]), [text, text])


def _disclosed(name, value, **more):
    text, digest = disc(name, value)
    return sdjwt(base_payload(_sd=[digest], **more), [text])


def sd_claim_collision():
    return _disclosed("vct", "https://issuer.test/vct/doctor")


def sd_claim_collision_between_discs():
    (one, first), (two, second) = disc("skill", "a"), disc("skill", "b")
    return sdjwt(base_payload(_sd=[first, second]), [one, two])


def sd_disclosed_name__sd():
    return _disclosed("_sd", ["x"])


def sd_disclosed_name_dots():
    return _disclosed("...", "x")


def _raw_disclosed(data):
    text = b64u(data)
    return sdjwt(base_payload(_sd=[sha256(text)]), [text])


def sd_disclosure_4_elems():
    return _raw_disclosed(jd(["salt", "a", "b", "c"]))


def sd_disclosure_not_json():
    return _raw_disclosed(b"not json")


def sd_disclosure_dup_keys():
    return _raw_disclosed(b'["s1","role",{"level":"junior","level":"master"}]')


def sd_disclosure_name_not_string():
    return _raw_disclosed(jd(["salt", 7, "x"]))


def sd_alg_md5():
    text, _ = disc("skill", "x")
    digest = b64u(hashlib.md5(text.encode()).digest())
    return sdjwt(base_payload(_sd=[digest], _sd_alg="md5"), [text])


def sd_alg_sha256_32():
    text, _ = disc("skill", "x")
    digest = b64u(hashlib.sha256(text.encode()).digest()[:4])
    return sdjwt(base_payload(_sd=[digest], _sd_alg="sha-256-32"), [text])


def sd__sd_not_array():
    return sdjwt(base_payload(_sd="abc"))


def sd__sd_alg_nested():
    return sdjwt(base_payload(nested={"_sd_alg": "sha-1", "_sd": []}))


def sd_array_placeholder_extra_key():
    text, digest = disc(None, "x")
    return sdjwt(base_payload(skills=[{"...": digest, "x": 1}]), [text])


def sd_recursive_depth(n=2000):
    texts, digest = [], None
    for _ in range(n):
        text, digest = disc("n", {"_sd": [digest]} if digest else "leaf")
        texts.append(text)
    return sdjwt(base_payload(_sd=[digest]), texts)


def sd_many_disclosures(n=100_000):
    made = [disc(f"c{number}", number, "s" * 22) for number in range(n)]
    return sdjwt(base_payload(_sd=[digest for _, digest in made]), [text for text, _ in made])


def sd_exp_disclosed_past():
    return _disclosed("exp", int(time.time()) - 3600, exp=...)


def sd_iss_in_disclosure():
    return _disclosed("iss", ISS, iss=...)


def sd_missing_vct():
    return sdjwt(base_payload(vct=...))


def sd_wrong_typ():
    return sdjwt(base_payload(), hdr={"typ": "JWT"})


def sd_embedded_jwk_iss_trusted():
    return sdjwt(base_payload(), key=KEYS.attacker, hdr={"jwk": KEYS.jwk(KEYS.attacker)})


def sd_no_trailing_tilde():
    return sdjwt(base_payload(), kb=None).rstrip("~")


def sd_extra_tildes():
    return sdjwt(base_payload(), kb=None) + "~~~"


def sd_empty_disclosure_mid():
    text, digest = disc("skill", "x")
    return sdjwt(base_payload(_sd=[digest]), [text, ""])


def sd_holder_receives_kb():
    """For a wallet: an issuer must never deliver an SD-JWT+KB."""
    return sd_control()


# Key binding


def kb_missing():
    text, digest = disc("skill", "x")
    return sdjwt(base_payload(_sd=[digest]), [text], kb=None)


def kb_wrong_nonce():
    return sdjwt(base_payload(), kb_claims={"nonce": "other"})


def kb_no_nonce():
    return sdjwt(base_payload(), kb_claims={"nonce": ...})


def kb_aud_without_prefix():
    return sdjwt(base_payload(), kb_claims={"aud": "verifier.test"})


def kb_no_sd_hash():
    return sdjwt(base_payload(), kb_claims={"sd_hash": ...})


def kb_wrong_sd_hash():
    return sdjwt(base_payload(), kb_claims={"sd_hash": b64u(os.urandom(32))})


def kb_disclosure_removed():
    (one, first), (two, second) = disc("skill", "x"), disc("level", "junior")
    return sdjwt(base_payload(_sd=[first, second]), [one, two]).replace(f"{two}~", "", 1)


def kb_disclosure_added():
    (one, first), (two, second) = disc("skill", "x"), disc("name", "Alice")
    before, binding = sdjwt(base_payload(_sd=[first, second]), [one]).rsplit("~", 1)
    return f"{before}~{two}~{binding}"


def kb_wrong_typ():
    return sdjwt(base_payload(), kb_hdr={"typ": "JWT"})


def kb_signed_by_attacker():
    return sdjwt(base_payload(), kb_key=KEYS.attacker)


def kb_signed_by_issuer_key():
    return sdjwt(base_payload(), kb_key=KEYS.issuer)


def kb_jwk_in_header():
    return sdjwt(base_payload(), kb_key=KEYS.attacker, kb_hdr={"jwk": KEYS.jwk(KEYS.attacker)})


def kb_alg_none():
    core = sdjwt(base_payload(), kb=None)
    claims = {"iat": int(time.time()), "aud": AUD, "nonce": NONCE, "sd_hash": sha256(core)}
    return core + b64u(jd({"alg": "none", "typ": "kb+jwt"})) + "." + b64u(jd(claims)) + "."


def kb_cnf_missing():
    return sdjwt(base_payload(cnf=...))


def kb_cnf_remote():
    return sdjwt(base_payload(cnf={"jku": "http://169.254.169.254/jwks", "kid": "a"}))


def kb_is_another_sdjwt():
    return sdjwt(base_payload(), kb=None) + jws(HDR, base_payload())


# JOSE


def j_none():
    return f"{b64u(jd({'alg': 'none', 'typ': 'dc+sd-jwt'}))}.{b64u(jd(base_payload()))}.~"


def j_none_case():
    body = b64u(jd(base_payload()))
    return [(alg, f"{b64u(jd({'alg': alg}))}.{body}.~") for alg in ("None", "NONE", "nOnE", "", " none")]


def j_hs256_with_public_key():
    public = KEYS.issuer.public_key()
    spki = ser.PublicFormat.SubjectPublicKeyInfo
    secrets = {
        "pem": public.public_bytes(ser.Encoding.PEM, spki),
        "der": public.public_bytes(ser.Encoding.DER, spki),
        "jwk": jd(KEYS.jwk(KEYS.issuer)),
        "jwks": jd(KEYS.issuer_jwks()),
    }
    signing_input = f"{b64u(jd({**HDR, 'alg': 'HS256'}))}.{b64u(jd(base_payload()))}"
    return [
        (label, f"{signing_input}.{b64u(hmac.new(secret, signing_input.encode(), hashlib.sha256).digest())}~")
        for label, secret in secrets.items()
    ]


def j_crit_empty():
    return jws({**HDR, "crit": []}, base_payload()) + "~"


def j_b64_false():
    return jws({**HDR, "crit": ["b64"], "b64": False}, base_payload()) + "~"


def j_dup_header_alg():
    head = b'{"alg":"none","alg":"ES256","typ":"dc+sd-jwt","kid":"k1"}'
    return jws(None, base_payload(), raw_hdr=head) + "~"


def j_dup_payload_claim():
    body = jd(base_payload())[:-1] + b',"vct":"https://issuer.test/vct/doctor"}'
    return jws(HDR, None, raw_payload=body) + "~"


def j_embedded_jwk():
    return jws({**HDR, "jwk": KEYS.jwk(KEYS.attacker)}, base_payload(), KEYS.attacker) + "~"


def j_jku_x5u():
    url = "http://127.0.0.1:9/jwks.json"
    return [(name, jws({**HDR, name: url}, base_payload(), KEYS.attacker) + "~") for name in ("jku", "x5u")]


def j_kid_injection():
    kids = (
        "../../../../dev/null",
        "' OR 1=1 --",
        "k1\x00",
        "k1\n",
        "https://169.254.169.254/",
        "A" * 100_000,
    )
    return [(kid, jws({**HDR, "kid": kid}, base_payload(), KEYS.attacker) + "~") for kid in kids]


def j_padding_variants():
    token = jws(HDR, base_payload())
    return [
        ("==", token + "==~"),
        ("nl", token[:20] + "\n" + token[20:] + "~"),
        ("space", f" {token} ~"),
        ("plus_slash", token.replace("-", "+").replace("_", "/") + "~"),
    ]


def j_four_or_two_segments():
    token = jws(HDR, base_payload())
    return [("2", token.rsplit(".", 1)[0] + "~"), ("4", token + ".AAAA~"), ("5", token + ".AAAA.BBBB~")]


def j_huge_header(mb=20):
    return jws({**HDR, "x": "A" * (mb << 20)}, base_payload()) + "~"


def j_deep_json(n=200_000):
    return jws(HDR, None, raw_payload=b'{"a":' + b"[" * n + b"]" * n + b"}") + "~"


def j_invalid_curve():
    return {"kty": "EC", "crv": "P-256", "x": b64u(bytes(31) + b"\x05"), "y": b64u(bytes(31) + b"\x07")}


def j_ed25519_small_order():
    points = (
        "00" * 32,
        "01" + "00" * 31,
        "ec" + "ff" * 30 + "7f",
        "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
    )
    return [b64u(bytes.fromhex(point)) for point in points]


def _sealed(header):
    return ".".join([b64u(jd(header)), b64u(bytes(24)), b64u(bytes(12)), b64u(b"x"), b64u(bytes(16))])


def jwe_pbes2(p2c=50_000_000):
    return _sealed({"alg": "PBES2-HS256+A128KW", "enc": "A128GCM", "p2c": p2c, "p2s": b64u(b"saltsalt")})


def jwe_alg_confusion():
    algorithms = ("dir", "A128KW", "RSA1_5", "RSA-OAEP", "none", "PBES2-HS512+A256KW")
    return [(alg, _sealed({"alg": alg, "enc": "A128GCM"})) for alg in algorithms]


def jwe_zip_bomb(recipient, mb=200):
    """A message that is whole, and inflates to a thousand times its size (RFC 7516 §4.1.3)."""
    header = {"alg": "ECDH-ES", "enc": "A256GCM", "zip": "DEF", "kid": recipient["kid"]}
    token = JWE(b'{"vp_token":"' + bytes(mb << 20) + b'"}', jd(header), algs=["ECDH-ES", "A256GCM"])
    token.add_recipient(JWK(**recipient))
    return token.serialize(compact=True)
