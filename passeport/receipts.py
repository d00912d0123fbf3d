"""Receipts on this machine: signed by an organisation that has its keys here, read by anybody."""

from collections.abc import Sequence
from importlib import metadata
from typing import Final

from rich.console import Console
from rich.table import Table
from rich.text import Text

from boundary.shape import a_list, an_object
from boundary.strict_json import Json, JsonValue
from keys.open import open_signer
from keys.signer import Secrets, Signer
from passeport.issuers import Issuer
from passeport.words import word
from problems import NotFoundError
from problems.dates import moment
from problems.sentences import Lang, catalogue, say
from proofs import jws
from verifier.receipt import Receipt

_TEXT_CHARS: Final = 200

SOFTWARE: Final = f"passeport {metadata.version('passeport')}"


def signer(organisation: Issuer, secrets: Secrets) -> Signer:
    """Open the organisation's newest active key that can sign a receipt; raise NotFoundError."""
    able = set(jws.ALGORITHMS.values())
    active = [
        record
        for record in organisation.keyring.records()
        if record.state == "active" and record.key.algorithm in able and "assertionMethod" in record.purposes
    ]
    if not active:
        raise NotFoundError("key.none_active", algorithm=", ".join(sorted(able)))
    newest = max(active, key=lambda record: record.since)
    return open_signer(f"file:{organisation.keyring.path}#{newest.id}", secrets)


def show(receipt: Receipt, files: Sequence[Json], out: Console, lang: Lang, *, named: bool) -> None:
    """Print who verified what and when, and what it came to; ``named`` when a person asks about one file."""
    said = {"name": receipt.name[:_TEXT_CHARS], "id": receipt.verifier[:_TEXT_CHARS]}
    key = "receipt.of_file" if named else "receipt.sound"
    at = moment(receipt.signed_at, lang)
    out.print(Text(word(key, lang, at=at, count=len(files), **said), style="bold green"))
    table = Table(
        *(word(f"receipt.{name}", lang) for name in ("document", "verdict", "checks")), show_lines=True
    )
    for number, file in enumerate(files, 1):
        for document in a_list(file.get("documents"), "documents"):
            table.add_row(*_row(number, an_object(document, "documents"), lang))
    out.print(table)
    out.print(Text(word("receipt.next", lang), style="dim"))


def _row(number: int, document: Json, lang: Lang) -> tuple[Text, Text, Text]:
    page = document.get("page")
    where = f"{number}, {word('report.page', lang, page=page)}" if isinstance(page, int) else str(number)
    code = document.get("code") or f"verdict.{document.get('verdict')}"
    steps = [step for line in (document, *_lines(document)) for step in _steps(line)]
    return Text(where), Text(_sentence(code, lang)), Text("\n".join(_check(step, lang) for step in steps))


def _lines(document: Json) -> list[Json]:
    return [an_object(line, "credentials") for line in a_list(document.get("credentials", []), "credentials")]


def _steps(line: Json) -> list[Json]:
    return [an_object(step, "steps") for step in a_list(line.get("steps", []), "steps")]


def _check(step: Json, lang: Lang) -> str:
    as_of = step.get("asOf")
    outcome = "caution" if step.get("caution") is True else step.get("outcome")
    said = [_known("step", step.get("step"), lang), _known("outcome", outcome, lang), step.get("code"), as_of]
    return " · ".join(str(text)[:_TEXT_CHARS] for text in said if text)


def _sentence(code: JsonValue, lang: Lang) -> str:
    """Receipts come from others, and from later versions: a code that nobody knows is shown as it is."""
    return say(code, lang).what if isinstance(code, str) and code in catalogue() else str(code)[:_TEXT_CHARS]


def _known(kind: str, name: JsonValue, lang: Lang) -> str:
    try:
        return word(f"{kind}.{name}", lang)
    except KeyError:
        return str(name)[:_TEXT_CHARS]
