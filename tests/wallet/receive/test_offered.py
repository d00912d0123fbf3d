"""What is offered is put together from three places that must agree, and shown before it is accepted."""

from dataclasses import replace

import pytest

from problems import MalformedValueError, Problem, ProtocolError
from wallet.receive import look


def test_what_a_person_sees(counter, web):
    offered = look(counter.link(), web)
    assert (offered.name("fr"), offered.host, offered.by_sign_in) == ("Centre", "centre.example", False)
    assert [(one.name, one.possible) for one in offered.credentials("en")] == [
        ("Diploma", True), ("badge", False)
    ]  # fmt: skip
    assert offered.signed_by is None
    assert [kind for kind, *_ in counter.asked] == ["openid-credential-issuer", "oauth-authorization-server"]


def test_a_name_is_a_plain_text_of_a_bounded_length(counter, web):
    """Whoever offers writes it; it is shown beside buttons."""
    name = "Ban\u202eque\n" + "x" * 5_000
    counter.metadata = replace(counter.metadata, display=({"name": name, "locale": "fr"},))
    shown = look(counter.link(), web).name("fr")
    assert len(shown) == 200
    assert "\u202e" not in shown
    assert "\n" not in shown


@pytest.mark.parametrize(
    "wrong",
    [
        {"token_endpoint": "https://evil.example/token"},
        {"pushed_endpoint": "https://evil.example/par"},
        {"issuer": "https://evil.example"},
    ],
    ids=["tokens elsewhere", "requests elsewhere", "another server"],
)
def test_a_server_that_is_not_the_issuers(counter, web, wrong):
    """CI-019."""
    counter.server = replace(counter.server, **wrong)
    with pytest.raises(ProtocolError, match=r"wallet\.metadata_mismatch"):
        look(counter.link(), web)


def test_metadata_of_another_issuer(counter, web):
    counter.metadata = replace(counter.metadata, issuer="https://evil.example")
    with pytest.raises(ProtocolError, match=r"wallet\.metadata_mismatch"):
        look(counter.link(), web)


def test_a_server_that_the_issuer_does_not_name(counter, web, with_code):
    pre = replace(with_code.pre_authorized, server="https://evil.example")
    with pytest.raises(ProtocolError, match=r"wallet\.metadata_mismatch"):
        look(counter.link(replace(with_code, pre_authorized=pre)), web)


def test_a_configuration_that_does_not_exist(counter, web, with_code):
    with pytest.raises(MalformedValueError, match=r"receive\.unknown_configuration"):
        look(counter.link(replace(with_code, configurations=("absent",))), web)


@pytest.mark.parametrize("kind", ["openid-credential-issuer", "oauth-authorization-server"])
def test_metadata_that_cannot_be_had(counter, web, told, kind):
    for answer in (told({}, 404), told([]), told("x"), told({"credential_issuer": 1})):
        counter.answers[kind] = lambda _, answer=answer: answer
        with pytest.raises(Problem):
            look(counter.link(), web)
