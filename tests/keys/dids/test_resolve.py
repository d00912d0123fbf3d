"""The caller chooses which kinds of names it knows."""

import pytest

from boundary.sources import Nowhere
from keys.dids.key import DidKey
from keys.dids.resolve import Methods, resolution_error, resolver
from keys.local import LocalSigner
from problems import MalformedValueError, ParsingError, RetrievalError


@pytest.mark.parametrize(
    "name",
    [
        "did:ebsi:z25a23eWUxQQzmAgnD9srpMM#1",
        "did:ion:EiClkZMDxPKqC9c#1",
        "did:webvh:x:certifier.example#1",
        "did:keys:z6Mk#1",
        "http://issuer.example#1",
        "urn:uuid:0f1e",
        "x5c",
        "",
    ],
)
def test_another_method_is_not_supported(name):
    with pytest.raises(MalformedValueError, match=r"did\.method_not_supported") as caught:
        resolver(Nowhere()).resolve(name, "assertionMethod")
    assert resolution_error(caught.value) == "methodNotSupported"


@pytest.mark.parametrize("name", ["did:web:certifier.example#key-1", "https://certifier.example#key-1"])
def test_without_a_source_the_web_is_not_known_and_with_one_it_is_asked(name):
    with pytest.raises(MalformedValueError, match=r"did\.method_not_supported"):
        resolver().resolve(name, "assertionMethod")
    with pytest.raises(RetrievalError, match=r"source\.offline") as caught:
        resolver(Nowhere()).resolve(name, "assertionMethod")
    assert resolution_error(caught.value) == "notFound"


def test_what_is_supported_is_not_yet_accepted(signer: LocalSigner):
    assert resolver().resolve(signer.verification_method, "assertionMethod").key == signer.public_key
    assert Methods({"did:key:": DidKey()}).resolve(signer.verification_method, "authentication")
    with pytest.raises(MalformedValueError, match=r"did\.method_not_supported"):
        Methods({}).resolve(signer.verification_method, "assertionMethod")


def test_any_other_problem_is_a_bad_document():
    assert resolution_error(ParsingError("json.not_an_object")) == "invalidDidDocument"
