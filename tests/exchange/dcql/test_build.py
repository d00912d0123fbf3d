"""Plain fields ask for what the same words name in every form of a credential."""

import json
from pathlib import Path

import pytest

from credentials import templates
from credentials.items import items_ld, items_sd
from exchange.dcql import matches, read
from exchange.dcql.build import Wanted, query_for
from exchange.openid4vp import candidates
from problems import InputError, NotFoundError

EXAMPLES = Path(__file__).parents[2] / "credentials/examples"


def example(kind: str, form: str):
    return json.loads((EXAMPLES / f"{kind}.json").read_text("utf-8"))[form]


@pytest.mark.parametrize(
    "kind", ["certification", "diploma", "rs-certification", "training", "block", "skill"]
)
def test_each_item_of_a_credential_can_be_asked_for_in_both_forms(kind):
    document, payload, template = example(kind, "ld"), example(kind, "sd"), templates.load(kind)
    asked = {item.template_item for item in items_ld(template, document)}
    asked &= {item.template_item for item in items_sd(template, payload)}
    held = [
        candidates.of_sd_jwt("sd", payload, bound=True),
        candidates.of_credential("ld", document, bound=True),
    ]
    for item in sorted(asked):
        query = query_for([Wanted(kind, (item,))])
        found = [match.candidate.id for one in query.credentials for match in matches(one, held)]
        assert found == ["sd", "ld"], item


def test_a_query_of_plain_fields_is_a_query_like_any_other():
    query = query_for([Wanted("diploma", ("mention", "block")), Wanted("skill", required=False)])
    assert read(query.to_json()) == query
    assert [one.required for one in query.sets] == [True, False]


def test_what_no_type_has_is_refused():
    with pytest.raises(InputError):
        query_for([Wanted("diploma", ("salaire",))])
    with pytest.raises(NotFoundError):
        query_for([Wanted("permis")])
