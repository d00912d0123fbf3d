"""What can be had over OpenID4VCI: each type of credential in each format that the keys can sign.

The name of a configuration is that of the template and of the format: ``diploma.sd-jwt``.
"""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace
from functools import lru_cache
from typing import Final

from boundary.strict_json import Json, JsonValue
from credentials import metadata, templates
from credentials.envelopes import V2
from credentials.forms import FORMS, Form
from credentials.templates import Template
from exchange.openid4vci import proof
from exchange.openid4vci.key_attestation import Demand
from exchange.openid4vci.metadata import Configuration
from keys.jwk import ALG
from keys.signer import Algorithm
from problems.sentences import LANGS

PREFERRED: Final[tuple[Algorithm, ...]] = ("P-256", "Ed25519", "P-384")
"""Which key signs where several could: first the one that every wallet knows."""

_ON_REQUEST: Final = "vc+jwt"
_NOT_AWARDED: Final = ("accreditation", "endorsement")


def available(algorithms: Collection[Algorithm], demand: Demand | None = None) -> Mapping[str, Configuration]:
    """Return every configuration that keys of ``algorithms`` can sign, by its name; ``demand`` is what is
    asked of the keys to which they bind."""
    return _available(frozenset(algorithms), demand)


@lru_cache(maxsize=16)
def _available(algorithms: frozenset[Algorithm], demand: Demand | None) -> Mapping[str, Configuration]:
    asked: tuple[str, ...] = () if demand is None else proof.ALGORITHMS
    return {
        name_of(template, form): replace(
            _configuration(template, form, algorithms), attested=asked, demand=demand
        )
        for template in map(templates.load, templates.names())
        if not template.declared and template.id not in _NOT_AWARDED
        for form in forms_of(template, algorithms)
    }


def forms_of(template: Template, algorithms: Collection[Algorithm]) -> Iterator[Form]:
    """Yield the forms in which a wallet may have ``template``."""
    for name in (*template.securing, _ON_REQUEST):
        if algorithm_of(FORMS[name], algorithms):
            yield FORMS[name]


def algorithm_of(form: Form, algorithms: Collection[Algorithm]) -> Algorithm | None:
    """Return which of the keys at hand signs ``form``; None when none can."""
    return next((one for one in PREFERRED if one in algorithms and one in form.algorithms), None)


def name_of(template: Template, form: Form) -> str:
    return f"{template.id}.{_suffix(form)}"


def form_named(configuration: str, forms: Collection[str]) -> Form:
    """Return which of ``forms`` a configuration is of; raise KeyError when it is of none."""
    found = {_suffix(FORMS[name]): FORMS[name] for name in forms}
    return found[configuration.rpartition(".")[2]]


def _suffix(form: Form) -> str:
    return _FORMATS.get(form.name, ("ldp", "ldp_vc"))[0]


_FORMATS: Final = {"dc+sd-jwt": ("sd-jwt", "dc+sd-jwt"), "vc+jwt": ("jwt", "jwt_vc_json")}
"""By form: the ending of the name, and the format identifier (Appendix A). All others are Data Integrity."""


def _configuration(template: Template, form: Form, algorithms: Collection[Algorithm]) -> Configuration:
    name, format_id = name_of(template, form), _FORMATS.get(form.name, ("ldp", "ldp_vc"))[1]
    algorithm = algorithm_of(form, algorithms)
    if algorithm is None:
        raise ValueError("no key for this form")
    if format_id == "dc+sd-jwt":
        signing = (ALG[algorithm],)
        return Configuration(
            format_id, name, vct=template.vct, signing=signing, shown=_shown(template, claims=True)
        )
    in_jwt = format_id == "jwt_vc_json"
    return Configuration(
        format_id,
        name,
        types=template.types,
        contexts=() if in_jwt else (V2,),
        signing=(ALG[algorithm] if in_jwt else form.name,),
        shown=_shown(template, claims=False),
    )


def _shown(template: Template, *, claims: bool) -> Json:
    display: list[JsonValue] = [{"name": template.label[lang], "locale": lang} for lang in LANGS]
    shown: Json = {"display": display}
    if claims:
        shown["claims"] = list(_claims(template))
    return shown


def _claims(template: Template) -> Iterator[JsonValue]:
    """Each path once, and none that another contradicts (Appendix B.3)."""
    seen: set[str] = set()
    listed = metadata.type_metadata(template)["claims"]
    for claim in listed if isinstance(listed, list) else []:
        if not isinstance(claim, dict) or str(claim["path"]) in seen:
            continue
        seen.add(str(claim["path"]))
        labels = claim["display"] if isinstance(claim["display"], list) else []
        display: list[JsonValue] = [
            {"name": label["label"], "locale": label["locale"]} for label in labels if isinstance(label, dict)
        ]
        yield {"path": claim["path"], "mandatory": claim.get("mandatory") is True, "display": display}
