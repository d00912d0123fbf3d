"""One row of claims, two bodies."""

from functools import cache
from typing import Literal

from boundary.strict_json import Json
from credentials.templates.claims import check_claims
from credentials.templates.notation import Filler, compiled
from credentials.templates.results import results
from credentials.templates.template import Template


def render_ld(template: Template, claims: Json) -> Json:
    """Return the JSON-LD credential, without proof. Raises MalformedValueError (``claim.…``)."""
    return _filler(template, "ld")(_prepared(template, claims))


def render_sd(template: Template, claims: Json) -> Json:
    """Return the SD-JWT VC payload before disclosures are cut out. Raises MalformedValueError."""
    return _filler(template, "sd")(_prepared(template, claims))


@cache
def _filler(template: Template, form: Literal["ld", "sd"]) -> Filler:
    return compiled(template.ld if form == "ld" else template.sd)


def _prepared(template: Template, claims: Json) -> Json:
    """Check the row, and add what follows from it.

    ``SANS_MENTION`` says that there is no mention: neither form shows one.
    """
    check_claims(template.claims, claims)
    row: Json = {name: value for name, value in claims.items() if value not in (None, "SANS_MENTION")}
    of_template: Json = {"id": template.id, "version": template.version, "types": [*template.types]}
    return {**row, "template": of_template, "results": results(row)}
