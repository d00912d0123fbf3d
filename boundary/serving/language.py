"""In which language a reader is answered."""

from fastapi import Request

from problems.sentences import LANGS, Lang


def language(request: Request) -> Lang:
    """Return the first of our languages in the order that ``Accept-Language`` gives (RFC 9110 §12.5.4)."""
    asked = request.headers.get("accept-language", "")[:200].lower()
    ranges = sorted(map(_range, asked.split(",")), key=lambda pair: -pair[1])
    for tag, quality in ranges:
        for lang in LANGS:
            if quality > 0 and tag.partition("-")[0] == lang:
                return lang
    return "fr"


def _range(text: str) -> tuple[str, float]:
    tag, _, parameter = text.strip().partition(";")
    try:
        return tag.strip(), float(parameter.strip().removeprefix("q=") or 1)
    except ValueError:
        return tag.strip(), 0.0
