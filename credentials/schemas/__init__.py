"""The schema of each type, applied to what was *shown* (JSON Schema 2020-12).

ecdsa-sd-2023 signs statements, not items: a holder could show half an item, and cryptography would
accept it. So a schema requires what is always shown and, inside each item, everything that the item
must never be shown without. It holds for the full credential and for everything derived from it.

The JSON files beside this one are the source. They name each other by their public ids; nothing is
ever fetched, and a credential's own ``credentialSchema`` is compared, never followed.
"""

from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any, Final, Literal

from jsonschema import Draft202012Validator
from jsonschema.exceptions import best_match
from referencing import Registry

from boundary import strict_json
from boundary.shape import a_text, texts
from boundary.strict_json import Json
from credentials.characters import printable, refuse_unprintable_in
from credentials.schemas.compiled import Check, compiled
from credentials.templates import Template, for_types, for_vct
from problems import MalformedValueError

Form = Literal["ld", "sd"]

_SUFFIX: Final[Mapping[Form, str]] = {"ld": ".json", "sd": ".sd-jwt.json"}
_PATH_CHARS: Final = 120


def check_shown(document: Json) -> Template | None:
    """Return the template whose schema ``document`` keeps; None when it is of no type of ours.

    ``document`` is a verified JSON-LD credential (with ``@context``) or a processed SD-JWT VC payload
    (with ``vct``), full or derived. Raises MalformedValueError ``schema.refused`` with the JSON path.
    """
    form = _form(document)
    template = _template(document, form)
    if template is not None:
        refuse_unprintable_in(document)
        if not _fits(template.id, form)(document):
            _explain(document, _validator(template.id, form))
    return template


def schema(name: str, form: Form) -> Json:
    """Return the schema document of a template, for publication under its ``$id``."""
    return strict_json.read_object(files(__package__).joinpath(name + _SUFFIX[form]).read_bytes())


def _form(document: Json) -> Form:
    if ("@context" in document) == ("vct" in document):
        raise MalformedValueError("schema.no_form")
    return "ld" if "@context" in document else "sd"


def _template(document: Json, form: Form) -> Template | None:
    if form == "sd":
        return for_vct(a_text(document["vct"], "vct"))
    return for_types(texts(document.get("type"), "type"))


def _explain(document: Json, validator: Draft202012Validator) -> None:
    """Say what is wrong, if something is: the library decides what the compiled schema doubts."""
    error = best_match(validator.iter_errors(document))
    if error is not None:
        path = printable(error.json_path)[:_PATH_CHARS]
        raise MalformedValueError("schema.refused", at=path, rule=str(error.validator))


@cache
def _fits(name: str, form: Form) -> Check:
    definitions = schema("definitions", form)
    return compiled(schema(name, form), {str(definitions["$id"]): definitions})


@cache
def _validator(name: str, form: Form) -> Draft202012Validator:
    return Draft202012Validator(schema(name, form), registry=_definitions())


@cache
def _definitions() -> Registry[bool | Mapping[str, Any]]:
    """The only documents that a ``$ref`` can reach."""
    documents = [schema("definitions", form) for form in _SUFFIX]
    registry: Registry[bool | Mapping[str, Any]] = Registry()
    return registry.with_contents([(str(document["$id"]), document) for document in documents])
