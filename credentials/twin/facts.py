"""What a twin says, in the shape of all that is read: few items, none of which could be hidden."""

from collections.abc import Iterator, Mapping

from boundary.strict_json import JsonValue
from credentials.facts import Facts
from credentials.shown import ShownItem
from credentials.templates import Template, load
from credentials.twin.face import Face
from credentials.twin.token import Twin
from credentials.wording import in_words
from keys.dids import key as did_key
from keys.dids import web as did_web
from problems.sentences import LANGS, Lang

_CEFR = frozenset({"A1", "A2", "B1", "B2", "C1", "C2"})


def facts_twin(twin: Twin) -> Facts:
    """Return what a verified twin says. The issuer is named by its host: a twin has no room for its name."""
    template, face = load(twin.face.kind), twin.face
    labels = _labels(template)
    return Facts(
        kind=face.kind,
        title=face.title or face.code or template.label["fr"],
        issuer_id=twin.issuer,
        issuer_name=_host(twin.issuer),
        issued_on=twin.issued_on,
        valid_from=twin.issued_on,
        valid_until=twin.expires,
        awarded_on=face.awarded,
        holder_id=did_key.did(twin.holder_key) if twin.holder_key else None,
        holder_key=twin.holder_key,
        self_declared=False,
        status=(twin.status,),
        shown=tuple(_shown(name, value, labels) for name, value in _values(face)),
        skills=(),
        endorsement=None,
        label=template.label,
    )


def _host(issuer: str) -> str | None:
    """Return the host of a did:web, which is the one name that its key proves."""
    if not issuer.startswith(did_web.PREFIX):
        return None
    return issuer.removeprefix(did_web.PREFIX).partition(":")[0].replace("%3A", ":")


def _values(face: Face) -> Iterator[tuple[str, JsonValue]]:
    """Yield what the face says, under the names and in the form that the full credential has for it."""
    if face.code:
        yield "certification.code", face.code
    yield "given_name", face.given_name
    yield "family_name", face.family_name
    if face.birthdate:
        yield "birthdate", face.birthdate.isoformat()
    if face.outcome:
        yield ("cefr.overall" if face.outcome in _CEFR else "training.outcome"), face.outcome
    if face.level:
        level = str(face.level)
        yield "certification.alignments", [{"framework": "EQF", "code": level, "name": f"Niveau {level}"}]
    if face.mention:
        yield "mention", face.mention
    for position, bloc in enumerate(face.blocks):
        yield f"block.{position}", {"code": f"{face.code or ''}BC{bloc:02}"}


def _labels(template: Template) -> Mapping[str, Mapping[Lang, str]]:
    of_items = {rule.id: rule.label for rule in template.items}
    return {rule.id: rule.label for rule in template.open} | of_items


def _shown(name: str, value: JsonValue, labels: Mapping[str, Mapping[Lang, str]]) -> ShownItem:
    label = labels.get(name) or labels.get(name.partition(".")[0]) or dict.fromkeys(LANGS, name)
    return ShownItem(name, label, in_words(value, name.rpartition(".")[2]), value, always=True)
