"""Protects: a resource that a credential relies on is the one that it names, where we can tell."""

import base64
import hashlib

import pytest

from boundary import base58btc, base64url
from contexts import PRODUCT
from credentials.related import check_related_resources
from problems import MalformedValueError

_URL = "https://www.w3.org/ns/credentials/v2"
_CONTENT = PRODUCT.pins[_URL].file.read_bytes()
_SHA256 = hashlib.sha256(_CONTENT).digest()


def _integrity(name):
    return f"{name}-{base64.b64encode(hashlib.new(name, _CONTENT).digest()).decode()}"


@pytest.mark.parametrize(
    "digest",
    [
        {"digestSRI": _integrity("sha256")},
        {"digestSRI": _integrity("sha384")},
        {"digestSRI": [_integrity("sha256"), _integrity("sha512")]},
        {"digestMultibase": "u" + base64url.encode(b"\x12\x20" + _SHA256)},
        {"digestMultibase": base58btc.encode(b"\x12\x20" + _SHA256)},
        {"digestMultibase": "u" + base64url.encode(b"\x20\x30" + hashlib.sha384(_CONTENT).digest())},
        {"digestMultibase": "u" + base64url.encode(_SHA256)},
        {"digestSRI": _integrity("sha384"), "digestMultibase": "u" + base64url.encode(_SHA256)},
    ],
)
def test_the_right_digest_of_a_context_that_we_hold(digest):
    check_related_resources({"relatedResource": [{"id": _URL, **digest}]})


@pytest.mark.parametrize(
    ("digest", "known"),
    [
        # VCDM 2.0 §B.1, of the file as the W3C serves it; and as its test-suite states them
        ({"digestMultibase": "uWZVc7WaX1h4D8rJVb-vlMIqxaEKEb1tYbX8fet7JJzQ"}, True),
        ({"digestSRI": "sha384-l/HrjlBCNWyAX91hr6LFV2Y3heB5Tcr6IeE4/Tje8YyzYBM8IhqjHWiWpr8+ZbYU"}, True),
        ({"digestSRI": "sha256-WZVc7WaX1h4D8rJVb+vlMIqxaEKEb1tYbX8fet7JJzQ="}, True),
        # what stood there before the Recommendation, July 2024: another context
        ({"digestMultibase": "uJKGMkOmFbVJhEfKTduMC2XCyvRAYLjOVmZWwIH1wQ7k"}, False),
        ({"digestSRI": "sha384-NSOcNpmdIVUxIJGvGUoe22FjTWrXiaXlsZ8q6912LdnR3KraQO2n75Ica4wK4Qeg"}, False),
    ],
    ids=["sha256", "sha384", "sha256 by SRI", "older sha256", "older sha384"],
)
def test_the_digest_of_what_the_publisher_serves(digest, known):
    document = {"relatedResource": {"id": _URL, **digest}}
    if known:
        check_related_resources(document)
        return
    with pytest.raises(MalformedValueError, match=r"model\.related_digest"):
        check_related_resources(document)


@pytest.mark.parametrize(
    ("resources", "code"),
    [
        ([{"id": _URL}], "model.related_without_digest"),
        ([{"id": _URL, "digestSRI": []}], "model.related_without_digest"),
        (
            [{"id": _URL, "digestSRI": "sha256-" + base64.b64encode(bytes(32)).decode()}],
            "model.related_digest",
        ),
        ([{"id": _URL, "digestSRI": [_integrity("sha256"), "sha384-AAAA"]}], "model.related_digest"),
        ([{"id": _URL, "digestMultibase": "u" + base64url.encode(bytes(32))}], "model.related_digest"),
        ([{"id": _URL, "digestSRI": "md5-AAAA"}], "model.related_digest_form"),
        ([{"id": _URL, "digestSRI": "sha256-*"}], "model.related_digest_form"),
        ([{"id": _URL, "digestSRI": "sha256"}], "model.related_digest"),
        ([{"id": _URL, "digestMultibase": "m" + "A" * 43}], "model.related_digest_form"),
        ([{"id": _URL, "digestMultibase": "uAAAA"}], "model.related_digest_form"),
        ([{"id": _URL, "digestMultibase": ""}], "model.related_digest_form"),
        ([{"id": _URL, "digestMultibase": 7}], "shape.text_expected"),
        ([{"id": "urn:x:1", "digestSRI": "sha256-AAAA"}] * 2, "model.related_twice"),
        ([{"digestSRI": "sha256-AAAA"}], "model.url_expected"),
        (["urn:x:1"], "shape.object_expected"),
    ],
)
def test_refused(resources, code):
    with pytest.raises(MalformedValueError) as caught:
        check_related_resources({"relatedResource": resources})
    assert caught.value.code == code


def test_what_we_do_not_hold_is_not_fetched():
    check_related_resources({"relatedResource": {"id": "https://uni.example/x", "digestSRI": "sha256-AAAA"}})
