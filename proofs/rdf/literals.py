"""JSON-LD value objects to RDF literals (JSON-LD API 1.1 §8.2.2), text direction in the datatype.

Where implementations write a value differently, or two values would be written alike, it is refused.
"""

import re
from math import isfinite
from typing import Final

import rfc8785

from boundary.strict_json import Json, JsonValue
from problems import DataLossError, MalformedValueError
from proofs.rdf.nquads import ABSOLUTE_IRI, RDF, RDF_LANG_STRING, XSD, Literal

_JSON: Final = RDF + "JSON"
_DOUBLE: Final = XSD + "double"
_I18N: Final = "https://www.w3.org/ns/i18n#"
_OWN_WORDS: Final = frozenset({RDF_LANG_STRING, RDF + "dirLangString", _JSON})
"""Datatypes that JSON-LD writes in words of its own: spelt out, two documents would sign alike."""

_LANGUAGE: Final = re.compile(
    r"""(?: (?: [a-z]{2,3} (?:-[a-z]{3}){0,3} | [a-z]{4,8} )   # language, extended language
            (?: -[a-z]{4} )?                                   # script
            (?: -(?: [a-z]{2} | [0-9]{3} ) )?                  # region
            (?: -(?: [a-z0-9]{5,8} | [0-9][a-z0-9]{3} ) )*     # variants
            (?: -[0-9a-wyz] (?:-[a-z0-9]{2,8})+ )*             # extensions
            (?: -x (?:-[a-z0-9]{1,8})+ )?                      # private use
          | x (?:-[a-z0-9]{1,8})+ )""",
    re.ASCII | re.IGNORECASE | re.VERBOSE,
)
_NONCHARACTERS: Final = "\ufdd0-\ufdef" + "".join(
    chr(plane + last) for plane in range(0, 0x110000, 0x10000) for last in (0xFFFE, 0xFFFF)
)
_UNUSUAL: Final = re.compile(f"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff{_NONCHARACTERS}]")


def shown(name: str | None) -> str:
    """Return a name from the document as it may stand in a message: short, and writable."""
    return (name or "")[:80].encode("utf-8", "replace").decode("utf-8")


def usual(text: str) -> str:
    """Return the text, without control characters (but tab and line ends), surrogates, noncharacters.

    Implementations sort and escape those differently, so that one document would have two signatures.
    """
    if _UNUSUAL.search(text):
        raise MalformedValueError("rdf.unusual_character")
    return text


def quoted(text: str) -> str:
    """Return the text as N-Quads writes it between quotes; raise MalformedValueError for an unusual one."""
    # What is printable is no control, surrogate or noncharacter.
    if text.isprintable() and '"' not in text and "\\" not in text:
        return text
    return str(Literal(usual(text)))[1:-1]


def language(tag: JsonValue) -> str:
    """Return a well-formed language tag (RFC 5646 §2.1, without the irregular ones of old).

    Anything else, written behind a text without quotes, could state quads of its own.
    """
    if not isinstance(tag, str) or not _LANGUAGE.fullmatch(tag):
        raise MalformedValueError("rdf.language_tag")
    return tag


def literal(value: Json) -> Literal:
    """Return the literal that a value object of expanded JSON-LD stands for.

    Raises DataLossError for a member or digits that RDF would drop, MalformedValueError for the rest.
    """
    _refuse_other_members(value)
    content, datatype = value["@value"], value.get("@type")
    if datatype == "@json":
        return Literal(usual(_jcs(content)), _JSON)
    if datatype is not None:
        return _typed(content, datatype)
    if isinstance(content, str):
        return _tagged(content, value)
    if "@language" in value or "@direction" in value:
        raise MalformedValueError("rdf.value")
    return _native(content, None)


def _refuse_other_members(value: Json) -> None:
    for key in value:
        if key not in ("@value", "@type", "@language", "@direction"):
            raise DataLossError("rdf.keyword", term=shown(key))


def _tagged(content: str, value: Json) -> Literal:
    tag = language(value["@language"]) if "@language" in value else None
    if "@direction" in value:
        if value["@direction"] not in ("ltr", "rtl"):
            raise MalformedValueError("rdf.value")
        return Literal(usual(content), f"{_I18N}{tag or ''}_{value['@direction']}")
    if tag is not None:
        return Literal(usual(content), RDF_LANG_STRING, tag)
    return Literal(usual(content))


def _typed(content: JsonValue, datatype: JsonValue) -> Literal:
    if not isinstance(datatype, str) or not ABSOLUTE_IRI.fullmatch(datatype):
        raise MalformedValueError("rdf.value")
    if datatype in _OWN_WORDS or datatype.startswith(_I18N):
        raise MalformedValueError("rdf.reserved_datatype", datatype=shown(datatype))
    if not isinstance(content, str):
        return _native(content, datatype)
    if datatype == _DOUBLE:
        _refuse_other_double(content)
    return Literal(usual(content), usual(datatype))


def _native(content: JsonValue, datatype: str | None) -> Literal:
    """§8.2.2 steps 8 to 11: a number with a fraction, and any xsd:double, in the canonical form."""
    if isinstance(content, bool):
        return Literal("true" if content else "false", datatype or XSD + "boolean")
    if not isinstance(content, int | float) or not isfinite(content):
        raise MalformedValueError("rdf.value")
    if content % 1 == 0 and abs(content) < 1e21 and datatype != _DOUBLE:
        return Literal(str(int(content)), datatype or XSD + "integer")
    return Literal(_double(content), datatype or _DOUBLE)


def _double(number: float) -> str:
    """Return the canonical form, which has 16 digits: a number that needs 17 would be changed."""
    mantissa, _, exponent = f"{number:.15E}".partition("E")
    whole, _, fraction = mantissa.partition(".")
    text = f"{whole}.{fraction.rstrip('0') or '0'}E{int(exponent)}"
    if float(text) != number or text.startswith("-0.0E"):
        raise DataLossError("rdf.number_precision")
    return text


def _refuse_other_double(content: str) -> None:
    """Implementations rewrite a text of type xsd:double, or leave it: accept what both leave."""
    try:
        canonical = _double(float(content))
    except (ValueError, OverflowError, DataLossError):
        canonical = ""
    if content != canonical:
        raise MalformedValueError("rdf.value")


def _jcs(content: JsonValue) -> str:
    try:
        return rfc8785.dumps(content).decode("utf-8")
    except (rfc8785.CanonicalizationError, ValueError):
        raise MalformedValueError("rdf.value") from None
