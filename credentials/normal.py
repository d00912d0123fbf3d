"""One content, two spellings: what a JSON-LD node says, in the words of the SD-JWT VC form.

The SD-JWT form is the shorter one and serves as the normal form. What it leaves out (types, contexts,
URIs that follow from a code) is left out here too.
"""

from collections.abc import Mapping
from typing import Final

from boundary.shape import many
from boundary.strict_json import Json, JsonValue

_SKILL: Final = {
    "ref": "ref",
    "name": "name",
    "framework": "framework",
    "code": "code",
    "concept": "concept",
    "level": "level",
    "levelScale": "level_scale",
}
_NODES: Final[Mapping[str, Mapping[str, str]]] = {
    "Skill": _SKILL,
    "EndorsedSkill": _SKILL
    | {"verdict": "verdict", "observedLevel": "observed_level", "narrative": "context"},
    "AwardedBlock": {"code": "code", "name": "name", "obtainedOn": "obtained_on"},
    "RegisteredCertification": {"register": "register", "code": "code", "name": "name"},
    "Alignment": {"targetFramework": "framework", "targetCode": "code", "targetName": "name"},
    "ExamSession": {
        "startDate": "start_date",
        "endDate": "end_date",
        "examMode": "mode",
        "postalCode": "postal_code",
    },
    "Evidence": {"id": "url", "name": "name", "digestMultibase": "digest"},
    "Replacement": {"id": "id", "replacementReason": "reason"},
    "Signatory": {"name": "name", "jobTitle": "job_title"},
    "Profile": {"id": "id", "name": "name"},
    "EndorsedDigest": {"digestOver": "over", "digestMultibase": "digest"},
    "RecognizedAction": {
        "action": "action",
        "recognizedBy": "recognized_by",
        "register": "register",
        "certificationCode": "codes",
        "blockCode": "blocks",
        "startDate": "start_date",
        "endDate": "end_date",
        "mayDelegate": "may_delegate",
        "maxDepth": "max_depth",
    },
}
_MEMBERS: Final[Mapping[str, str]] = {
    "accessRoute": "access_route",
    "vaeRoute": "vae_route",
    "startDate": "start_date",
    "endDate": "end_date",
    "observedFrom": "start_date",
    "observedUntil": "end_date",
}
_SCORE: Final = {"value": "value", "valueMin": "min", "valueMax": "max"}


def normal_ld(value: JsonValue) -> JsonValue:
    """Return what a value of a JSON-LD credential says, as the SD-JWT VC form says it."""
    if isinstance(value, list):
        return [normal_ld(element) for element in value]
    if not isinstance(value, dict):
        return value
    types = many(value.get("type"))
    if "ExamResult" in types:
        return _result(value)
    for type_ in types:
        if isinstance(type_, str) and type_ in _NODES:
            return _renamed(value, _NODES[type_])
    return {name: normal_ld(member) for name, member in value.items() if name != "type"}


def normal_member(name: str) -> str:
    """Return what the SD-JWT form calls a member that several make one item of."""
    return _MEMBERS.get(name, name)


def _renamed(node: Json, names: Mapping[str, str]) -> Json:
    return {names[name]: normal_ld(member) for name, member in node.items() if name in names}


def _result(node: Json) -> JsonValue:
    """A ``Result`` says its own scale; the other form has a member for each (MODEL, results)."""
    match node.get("resultScale"):
        case "mention":
            return node.get("resultCode", node.get("value"))
        case "score":
            return _renamed(node, _SCORE)
        case "DigComp":
            return _renamed(node, {"resultPart": "part", "value": "level"})
    return node.get("value")
