"""What was found in a certifier's file, on the screen and for programs."""

import shutil
import sys
import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table
from rich.text import Text

from boundary import strict_json
from boundary.strict_json import Json
from issuer import intake
from issuer.intake.report import Treatment
from issuer.intake.rows import Finding, shown_name
from passeport.cli.session import Session
from passeport.issuing import Tick
from problems.characters import printable


def treatment(source: Path) -> Treatment:
    """Return what the report is about: the file, its sender's id of it, and an id of ours."""
    return Treatment(shown_name(source), intake.sender_id(source), uuid.uuid4().hex)


@contextmanager
def progress(here: Session, key: str, total: int | None = None) -> Iterator[Tick]:
    """Show a bar to a person at a terminal, on standard error; to nobody else."""
    seen = here.err.is_terminal and not here.json
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=here.err, transient=True, disable=not seen) as bar:
        task = bar.add_task(here.word(key), total=total)
        yield lambda: bar.advance(task)


def machine(counts: Json, report: Path, problem: Json | None) -> None:
    """Write one document around the report, which may be long: it is copied, not read."""
    sys.stdout.write(strict_json.write(counts)[:-1] + ',"report":')
    with report.open(encoding="utf-8") as text:
        shutil.copyfileobj(text, sys.stdout)
    sys.stdout.write(f',"problem":{strict_json.write(problem)}}}\n')


def table(findings: Sequence[Finding], here: Session) -> Table:
    rows = Table(*(here.word(f"column.{c}") for c in ("place", "problem")), show_lines=True)
    for finding in findings:
        said, place = finding.says(here.lang), finding.place
        line = here.word("issue.line", line=place.line) if place.line else ""
        where = "\n".join(
            printable(part) for part in (place.cell or line, place.reference, place.field) if part
        )
        what = Text(said.what, style="red" if finding.severity == "error" else "yellow")
        what.append(f"\n→ {said.next_step}" if said.next_step else "", style="default")
        rows.add_row(Text(where), what.append(f"  [{finding.code}]", style="dim"))
    return rows
