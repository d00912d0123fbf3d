"""A query is read as OpenID4VP 1.0 §6 writes it, and in no other way."""

import contextlib
import copy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from boundary import limits
from exchange.dcql import read
from problems import ProtocolError

QUERY: dict[str, Any] = {
    "credentials": [
        {
            "id": "diplome",
            "format": "dc+sd-jwt",
            "meta": {"vct_values": ["https://passeport.example/vct/diploma/1"]},
            "claims": [
                {"id": "nom", "path": ["family_name"]},
                {"id": "mention", "path": ["mention"], "values": ["Bien", "Très bien"]},
                {"id": "bloc", "path": ["blocks", None, "code"]},
            ],
            "claim_sets": [["nom", "mention"], ["nom"]],
            "trusted_authorities": [{"type": "aki", "values": ["s9tIpPmhxdiuNkHMEWNpYim8S8Y"]}],
        },
        {"id": "permis", "format": "ldp_vc", "meta": {}, "multiple": True},
    ],
    "credential_sets": [
        {"options": [["diplome"], ["permis"]]},
        {"options": [["permis"]], "required": False},
    ],
}


def changed(change) -> dict[str, Any]:
    query = copy.deepcopy(QUERY)
    change(query)
    return query


def refused(query: Any) -> ProtocolError:
    with pytest.raises(ProtocolError) as refusal:
        read(query)
    assert refusal.value.error == "invalid_request"
    return refusal.value


def test_a_query_is_read_and_written_again():
    query = read(QUERY)
    assert query.credentials[0].claims[2].path == ("blocks", None, "code")
    assert [one.required for one in query.sets] == [True, False]
    assert read(query.to_json()) == query


def test_what_the_specification_does_not_know_is_ignored():
    query = changed(lambda q: q.update(purpose="x") or q["credentials"][0].update(extra=1))
    assert read(query) == read(QUERY)


@pytest.mark.parametrize(
    "change",
    [
        lambda q: q.pop("credentials"),
        lambda q: q.update(credentials=[]),
        lambda q: q.update(credentials={}),
        lambda q: q.update(credential_sets=[]),
        lambda q: q["credentials"][0].pop("id"),
        lambda q: q["credentials"][0].update(id=""),
        lambda q: q["credentials"][0].update(id="dipl ôme"),
        lambda q: q["credentials"][0].update(id="permis"),
        lambda q: q["credentials"][0].pop("format"),
        lambda q: q["credentials"][0].pop("meta"),
        lambda q: q["credentials"][0].update(claims=[]),
        lambda q: q["credentials"][0].pop("claims"),
        lambda q: q["credentials"][0].update(claim_sets=[]),
        lambda q: q["credentials"][0].update(claim_sets=[["inconnu"]]),
        lambda q: q["credentials"][0]["claims"][0].pop("id"),
        lambda q: q["credentials"][0]["claims"][0].update(id="mention"),
        lambda q: q["credentials"][0]["claims"][0].pop("path"),
        lambda q: q["credentials"][0]["claims"][0].update(path=[]),
        lambda q: q["credentials"][0]["claims"][0].update(path="family_name"),
        lambda q: q["credentials"][0]["claims"][0].update(path=[-1]),
        lambda q: q["credentials"][0]["claims"][0].update(path=[1.5]),
        lambda q: q["credentials"][0]["claims"][0].update(path=[True]),
        lambda q: q["credentials"][0]["claims"][0].update(path=[["x"]]),
        lambda q: q["credentials"][0]["claims"][0].update(path=["a"] * 1_000),
        lambda q: q["credentials"][0]["claims"][1].update(values=[]),
        lambda q: q["credentials"][0]["claims"][1].update(values=[None]),
        lambda q: q["credentials"][0]["claims"][1].update(values=[{}]),
        lambda q: q["credentials"][1].update(multiple="true"),
        lambda q: q["credentials"][1].update(require_cryptographic_holder_binding=None),
        lambda q: q["credentials"][0].update(trusted_authorities=[]),
        lambda q: q["credentials"][0].update(trusted_authorities=[{"type": "aki"}]),
        lambda q: q["credential_sets"][0].update(options=[]),
        lambda q: q["credential_sets"][0].update(options=[[]]),
        lambda q: q["credential_sets"][0].update(options=[["inconnu"]]),
        lambda q: q["credential_sets"][0].update(required=1),
    ],
)
def test_a_malformed_query_is_an_invalid_request(change):
    refused(changed(change))


@pytest.mark.parametrize(
    "change",
    [
        lambda q: q.update(credentials=[{"id": f"c{n}", "format": "x", "meta": {}} for n in range(10_000)]),
        lambda q: q["credentials"][0].update(
            claims=[{"path": [str(n)]} for n in range(10_000)], claim_sets=None
        ),
        lambda q: q["credential_sets"][0].update(options=[["diplome"]] * 10_000),
    ],
)
def test_a_query_that_asks_for_more_than_anybody_would_is_refused_before_it_is_matched(change):
    assert refused(changed(change)).code == "dcql.too_large"


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(),
        lambda x: (
            st.lists(x)
            | st.dictionaries(st.sampled_from(["credentials", "id", "format", "meta", "claims", "path"]), x)
        ),
    )
)
def test_any_value_is_a_query_or_an_invalid_request(value):
    with contextlib.suppress(ProtocolError):
        read(value)


def test_the_limits_are_above_what_honest_queries_need():
    assert limits.DCQL_CREDENTIALS >= 20
    assert limits.DCQL_CLAIMS >= 50
