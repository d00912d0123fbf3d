"""The tree of problems, and its face at the edge: RFC 9457 problem details."""

import json

import pytest

import problems
from problems import LimitError, ParsingError, Problem, RetrievalError

CLASSES = sorted(
    (value for value in vars(problems).values() if isinstance(value, type) and issubclass(value, Problem)),
    key=lambda value: value.__name__,
)
VCDM = "https://www.w3.org/TR/vc-data-model#"
SECURITY = "https://w3id.org/security#"
STATUS = "https://www.w3.org/ns/credentials/status-list#"


def test_details_are_those_of_rfc_9457_with_our_code_and_next_step():
    details = ParsingError("json.syntax", line=3, column=7).details("en")
    assert details == {
        "type": VCDM + "PARSING_ERROR",
        "title": "PARSING_ERROR",
        "status": 400,
        "detail": "This is not JSON: error at line 3, column 7.",
        "code": "json.syntax",
        "nextStep": "Ask whoever made the file to send it again, without opening it in an editor.",
        "line": 3,
        "column": 7,
    }
    assert json.loads(json.dumps(details)) == details


def test_details_speak_the_readers_language():
    assert str(ParsingError("json.not_an_object").details("fr")["detail"]).startswith("Un objet JSON")


def test_a_fact_never_overwrites_a_member_of_the_standard():
    problem = LimitError("json.too_large", limit=1, status=200, type="about:evil", detail="fine", title="ok")
    details = problem.details()
    assert details["status"] == 413
    assert details["type"] == "urn:passeport:problem:limit"
    assert details["detail"] == "The document is larger than 1 bytes."
    assert details["limit"] == 1


@pytest.mark.parametrize(
    ("name", "type_"),
    [
        ("ParsingError", VCDM + "PARSING_ERROR"),
        ("MalformedValueError", VCDM + "MALFORMED_VALUE_ERROR"),
        ("RangeError", VCDM + "RANGE_ERROR"),
        ("CryptographicSecurityError", VCDM + "CRYPTOGRAPHIC_SECURITY_ERROR"),
        ("ProofGenerationError", SECURITY + "PROOF_GENERATION_ERROR"),
        ("ProofVerificationError", SECURITY + "PROOF_VERIFICATION_ERROR"),
        ("ProofTransformationError", SECURITY + "PROOF_TRANSFORMATION_ERROR"),
        ("DataLossError", SECURITY + "DATA_LOSS_DETECTION_ERROR"),
        ("InvalidDomainError", SECURITY + "INVALID_DOMAIN_ERROR"),
        ("InvalidChallengeError", SECURITY + "INVALID_CHALLENGE_ERROR"),
        ("StatusRetrievalError", STATUS + "STATUS_RETRIEVAL_ERROR"),
        ("StatusVerificationError", STATUS + "STATUS_VERIFICATION_ERROR"),
        ("StatusListLengthError", STATUS + "STATUS_LIST_LENGTH_ERROR"),
    ],
)
def test_types_are_those_of_the_specifications(name, type_):
    assert getattr(problems, name).type == type_


@pytest.mark.parametrize("problem", CLASSES, ids=lambda value: value.__name__)
def test_the_tree_is_drawn_in_the_docstring_as_it_is(problem):
    drawing = problems.__doc__ or ""
    lines = [line for line in drawing.splitlines() if line.split()[-1:] == ["Problem"] or "──" in line]
    line = next(line for line in lines if problem.__name__ in line.replace("─", " ").split())
    assert problem is Problem or problem.type.rpartition("/")[2].rpartition("TR/")[2] in line
    assert ("(transient)" in line) == problem.transient
    parent = problem.__mro__[1]
    if parent not in (Problem, Exception):
        above = "\n".join(lines[: lines.index(line)])
        assert parent.__name__ in above


def test_what_may_succeed_later_says_so():
    assert {value.__name__ for value in CLASSES if value.transient} == {
        "RateError",
        "RetrievalError",
        "StatusRetrievalError",
        "UnavailableError",
    }
    assert RetrievalError.status == 502


def test_only_what_is_not_the_clients_fault_has_a_server_error():
    assert all(400 <= value.status < 500 or value.status in (502, 503) for value in CLASSES)


def test_a_log_line_has_code_and_english():
    assert str(LimitError("json.too_large", limit=1)) == (
        "json.too_large: The document is larger than 1 bytes."
    )
