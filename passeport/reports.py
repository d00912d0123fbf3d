"""The treatment reports of one run: in the form of the Caisse des Dépôts, as JSON, as a table."""

import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Final, TextIO

from boundary import files
from issuer.intake.report import Form, Outcome, Treatment, writing
from problems.sentences import Lang

Record = Callable[[Outcome], None]
"""Takes what became of one row."""

FORMS: Final[tuple[Form, ...]] = ("xml", "json", "csv")


@contextmanager
def reports(folder: Path, treatment: Treatment, lang: Lang) -> Iterator[Record]:
    """Write ``report.xml``, ``report.json`` and ``report.csv`` into ``folder``, which is made if need be.

    They grow in nameless files and take their place when the block ends well: after a crash there is the
    report of the run before, whole, or none.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with ExitStack() as kept:
        drafts = {form: kept.enter_context(_nameless()) for form in FORMS}
        with ExitStack() as opened:
            writers = [opened.enter_context(writing(form, drafts[form], treatment, lang)) for form in FORMS]

            def record(outcome: Outcome) -> None:
                for writer in writers:
                    writer.add(outcome)

            yield record
        for form, draft in drafts.items():
            _publish(draft, path(folder, form))


def path(folder: Path, form: Form) -> Path:
    """Return where the report stands."""
    return folder / f"report.{form}"


@contextmanager
def _nameless() -> Iterator[TextIO]:
    with tempfile.TemporaryFile("w+", encoding="utf-8", newline="") as file:
        yield file


def _publish(draft: TextIO, target: Path) -> None:
    draft.flush()
    draft.buffer.seek(0)
    with files.replacing(target) as file:
        shutil.copyfileobj(draft.buffer, file)
