"""The Open Badges results of one award, computed from what was obtained.

Both forms are written from the same claims (mention, score, cefr, digcomp); only the JSON-LD form needs
them as a list of ``Result`` that each say their own scale.
"""

from typing import Final

from boundary.strict_json import Json, JsonValue
from credentials.templates.codes import code_label

CEFR_PARTS: Final = {
    "overall": "Niveau CECRL",
    "listening": "Compréhension orale",
    "reading": "Compréhension écrite",
    "speaking": "Expression orale",
    "writing": "Expression écrite",
}


def results(row: Json) -> list[JsonValue]:
    """Return one row per result, for ``$each``. The row of claims has been checked."""
    return [*_mention(row.get("mention")), *_score(row.get("score")), *_cefr(row.get("cefr")),
            *_digcomp(row.get("digcomp"))]  # fmt: skip


def _mention(mention: JsonValue) -> list[Json]:
    if not isinstance(mention, str):
        return []
    label = code_label("mention", mention)["fr"]
    return [{"name": "Mention", "value": label, "scale": "mention", "code": mention}]


def _score(score: JsonValue) -> list[Json]:
    return [{"name": "Score", "scale": "score", "part": "total", **score}] if isinstance(score, dict) else []


def _cefr(cefr: JsonValue) -> list[Json]:
    if not isinstance(cefr, dict):
        return []
    return [
        {"name": name, "value": cefr[part], "scale": "CEFR", "part": part, "language": cefr.get("language")}
        for part, name in CEFR_PARTS.items()
        if cefr.get(part) is not None
    ]


def _digcomp(digcomp: JsonValue) -> list[Json]:
    if not isinstance(digcomp, dict):
        return []
    overall: Json = {
        "name": "Score général",
        "value": digcomp["overall"],
        "scale": "DigComp-score",
        "part": "overall",
    }
    areas = digcomp.get("areas")
    rows = [area for area in areas if isinstance(area, dict)] if isinstance(areas, list) else []
    return [overall, *(_digcomp_area(row) for row in rows)]


def _digcomp_area(area: Json) -> Json:
    return {
        "name": f"Compétence {area['part']}",
        "value": area["level"],
        "scale": "DigComp",
        "part": area["part"],
    }
