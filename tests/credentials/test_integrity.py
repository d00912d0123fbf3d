"""The digest of a resource, and that credentials carry that of what their type means."""

import base64
import hashlib

import pytest

from credentials import templates
from credentials.integrity import digest_of, holds, written
from credentials.published import VCT_INTEGRITY, check_integrity, documents, integrity
from problems import MalformedValueError, ProofVerificationError

CONTENT = b"alert('Hello, world.');"
# W3C Subresource Integrity, §3.1
EXAMPLE = "sha384-H8BRh8j48O9oYatfu5AZzq6A9RINhZO5H16dQZngK7T62em8MUt1FLm52t+eX6xO"


def sri(name, content=CONTENT):
    return f"{name}-{base64.b64encode(hashlib.new(name, content).digest()).decode()}"


def test_the_example_of_the_specification():
    assert holds(EXAMPLE, CONTENT)
    assert digest_of(EXAMPLE) == ("sha384", hashlib.sha384(CONTENT).digest())
    assert written(CONTENT) == sri("sha256")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (sri("sha256"), True),
        (f"{sri('sha256')} {sri('sha512')}", True),
        (f"{sri('sha256', b'other')} {sri('sha256')}", True),
        (f"{sri('sha256', b'other')} {sri('sha512')}", True),
        (f"{sri('sha256')} {sri('sha512', b'other')}", False),
        (sri("sha256") + "?ct=application/json", True),
        (sri("sha256", b"other"), False),
    ],
    ids=["one", "two", "either", "stronger holds", "stronger fails", "options", "other content"],
)
def test_the_strongest_hash_decides(text, expected):
    assert holds(text, CONTENT) is expected


@pytest.mark.parametrize("text", ["", " ", "md5-AAAA", "sha256", "sha256-*", "sha1-AAAA sha256-AAAA"])
def test_what_is_no_digest(text):
    with pytest.raises(MalformedValueError, match=r"model\.related_digest_form"):
        holds(text if text != "sha256" else "sha256*", CONTENT)


def test_a_type_of_ours_means_what_it_meant():
    """Credentials carry these digests: what changes here takes a new version of the type."""
    assert {name: integrity(templates.load(name)) for name in templates.names()} == MEANT


def test_what_is_published_has_the_digest():
    for name in templates.names():
        template = templates.load(name)
        assert holds(integrity(template), documents()[template.vct][1])


def test_a_credential_of_another_description_is_refused():
    payload = {"vct": templates.load("diploma").vct}
    check_integrity(payload)
    check_integrity(payload | {VCT_INTEGRITY: MEANT["diploma"]})
    check_integrity({"vct": "https://other.example/vct/1", VCT_INTEGRITY: MEANT["diploma"]})
    with pytest.raises(ProofVerificationError, match=r"sdjwt\.vct_integrity"):
        check_integrity(payload | {VCT_INTEGRITY: MEANT["skill"]})
    with pytest.raises(MalformedValueError):
        check_integrity(payload | {VCT_INTEGRITY: "diploma"})
    with pytest.raises(MalformedValueError):
        check_integrity(payload | {VCT_INTEGRITY: ["sha256-AAAA"]})


MEANT = {
    "accreditation": "sha256-5ONxRcorXh+t3mEiVqG19phoiSGedk9elcIv2Rekf+o=",
    "block": "sha256-E+RmhIc0sqn33hxDwlJgFDmLYx28Ea3VqQP6E6a/PoQ=",
    "certification": "sha256-zS71wTkk0TwdNCFHxvBD9ZwxysKf02k1wCtrl1En1zM=",
    "declared-experience": "sha256-3+GKvl4TxA4ingNe+mxpoquAYIcPBpeNVROfpUoBMjY=",
    "declared-skill": "sha256-Df9GjRcmRBHbZlTkipKexmAPl4jtz82o/737oqtrTF0=",
    "diploma": "sha256-cfrhsguqB+uajX2blqgz7OD42Z5/CdmSU6/1vHVkrEc=",
    "endorsement": "sha256-uoam/xUyVbqhk2ujRrVrOr3TBP16v0rJ1IasyTu4msI=",
    "prevention-success": "sha256-YaaPBeZrhsaVC2K7NeKOn4TotpH9mWMI9buoX5EkcoA=",
    "prevention-training": "sha256-IaLTuVnICsyNU5fa89WYWJ++egZjkvFLVTBJc+t9z2c=",
    "rs-certification": "sha256-rWvk2bW6B/OUIXnlN6gXvMTsFqtJt70tF2mLl36Z51E=",
    "skill": "sha256-VW2zo7kYoEfaroX1CUUWG0avKJN3Yy1koBriQh6wM24=",
    "training": "sha256-P9CwekkzNxodmiF+tPWA+XrNp3uRtseX1oTBM8DXOcE=",
}
