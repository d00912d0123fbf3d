"""The verifier's report for people: a sentence first, then each check, on the terminal.

A check that passed is one word; a check that did not says why and what to do. What is worth knowing of
several credentials alike is said once, at the foot. ``details`` says everything everywhere.
"""

import re
from collections.abc import Iterator, Sequence
from typing import Final

from rich.console import Console, Group, RenderableType
from rich.panel import Panel
from rich.rule import Rule
from rich.table import Table
from rich.text import Text

from credentials.facts import Facts
from passeport.words import word
from problems import Problem
from problems.dates import day, moment
from problems.sentences import Lang, Sentence, say
from verifier.extract import Extracted
from verifier.report import Countersigned, CredentialReport, Outcome, Report, Step, Verdict
from verifier.several import Outcome as DocumentOutcome

TONE: Final[dict[Verdict, str]] = {
    "genuine": "green",
    "declared": "cyan",
    "to_confirm": "yellow",
    "cannot_check": "bright_black",
    "expired": "yellow",
    "not_valid": "red",
}
ICON: Final[dict[Verdict, str]] = {
    "genuine": "●",
    "declared": "◌",
    "to_confirm": "▲",
    "cannot_check": "◻",
    "expired": "▲",
    "not_valid": "⬣",
}
_NAME_CHARS: Final = 100
_MARK: Final[dict[Outcome, tuple[str, str]]] = {
    "passed": ("✔", "green"),
    "failed": ("✘", "bold red"),
    "unknown": ("?", "bright_black"),
    "not_applicable": ("–", "bright_black"),
}


def show_outcomes(
    outcomes: Sequence[DocumentOutcome], found: Extracted, out: Console, lang: Lang, *, details: bool = False
) -> None:
    """Print the report on each document of a file, where it stands, and what else was seen there."""
    total = len(outcomes)
    for number, outcome in enumerate(outcomes, 1):
        if total > 1 or outcome.document.page:
            out.print(Rule(_where(number, total, outcome.document.page, lang), align="left", style="dim"))
        if isinstance(outcome.result, Problem):
            out.print(_unread(outcome.result, lang))
        else:
            show_report(outcome.result, out, lang, details=details)
    if found.foreign:
        out.print(Text(word("report.foreign_codes", lang, count=found.foreign), style="dim"))
    if found.unreadable:
        out.print(Text(word("report.unreadable_codes", lang), style="yellow"))


def _where(number: int, total: int, page: int | None, lang: Lang) -> str:
    said = [word("report.document", lang, number=number, total=total)] if total > 1 else []
    where = ", ".join([*said, *([word("report.page", lang, page=page)] if page else [])])
    return where[:1].upper() + where[1:]


def _unread(problem: Problem, lang: Lang) -> RenderableType:
    sentence = problem.says(lang)
    what = Text(f"✘ {sentence.what}", style="bold")
    return Panel(Group(what, Text(sentence.next_step), Text(problem.code, style="dim")), border_style="red")


def show_report(report: Report, out: Console, lang: Lang, *, details: bool = False) -> None:
    """Print the verdict, one card per credential, what to know, and when it was checked."""
    out.print(_verdict(report, lang))
    if any(_speaks(step) for step in report.steps):
        out.print(_checks(report.steps, lang, details))
    for credential in report.credentials:
        if details or not _is_beside(credential):
            out.print(_card(credential, lang, details))
    if not details:
        out.print(_notes(report, lang), end="")
    out.print(Text(word("report.checked", lang, at=moment(report.at, lang)), style="dim"))


def _verdict(report: Report, lang: Lang) -> RenderableType:
    sentence, tone = say(report.headline, lang), TONE[report.verdict]
    text = Text(f"{ICON[report.verdict]} {sentence.what}", style=f"bold {tone}")
    return Panel(Group(text, Text(sentence.next_step)), border_style=tone)


def _is_beside(credential: CredentialReport) -> bool:
    """Whether it is an endorsement already told beside what it endorses."""
    return any(step.code == "endorsement.attached" for step in credential.steps) and credential.verified


def _card(credential: CredentialReport, lang: Lang, details: bool) -> RenderableType:
    """A document that was changed shows the check that failed, and nothing of what it says."""
    sentence = say(credential.headline, lang)
    title = Text(f" {ICON[credential.verdict]} {sentence.what} ")
    body = Group(*_content(credential, lang), _checks(credential.steps, lang, details))
    return Panel(body, title=title, title_align="left", border_style=TONE[credential.verdict])


def _content(credential: CredentialReport, lang: Lang) -> Iterator[RenderableType]:
    facts = credential.facts
    if facts is None:
        return
    yield Text.assemble((facts.title, "bold"), (f"   {_kind(facts, lang)}", "dim"))
    if facts.issuer_name:
        proved = facts.issuer_id if credential.issuer_proved else ""
        yield Text(word("report.issued_by", lang, name=signed_by(facts.issuer_name, proved, lang)))
    if facts.awarded_on:
        yield Text(word("report.awarded", lang, day=day(facts.awarded_on, lang)))
    table = Table.grid(padding=(0, 2))
    for item in facts.shown:
        said = "\n".join(item.lines[lang])
        if said != facts.title:
            table.add_row(Text(item.label[lang], style="dim"), Text(said))
    if table.rows:
        yield table
    for confirmed in credential.countersigned:
        yield Text("✎ " + confirmation(confirmed, lang), style="cyan")


def _kind(facts: Facts, lang: Lang) -> str:
    """Of a type that is not ours nobody here says that it certifies anything."""
    if facts.label is None:
        own_words = [word("level.declared", lang)] if facts.self_declared else []
        return " · ".join([word("level.foreign", lang), *own_words])
    level = word("level.declared" if facts.self_declared else "level.certified", lang)
    return f"{facts.label[lang]} · {level}"


def confirmation(confirmed: Countersigned, lang: Lang) -> str:
    """Return who confirms which skill, and at which level if it is another."""
    skill, name = confirmed.endorsed.skill.name, signed_by(confirmed.by_name, confirmed.by_id, lang)
    if confirmed.endorsed.verdict == "ADJUSTED":
        level = confirmed.endorsed.observed_level or ""
        return word("report.adjusted", lang, skill=skill, name=name, level=level)
    return word("report.confirmed", lang, skill=skill, name=name)


def signed_by(name: str, identifier: str, lang: Lang) -> str:
    """Return what the key proves, then the name: anybody may call themselves anything."""
    called = f"« {name[:_NAME_CHARS]} »"
    for scheme in ("did:web:", "https://"):
        if identifier.startswith(scheme):
            return f"{re.split('[:/%]', identifier.removeprefix(scheme))[0]}, {called}"
    return f"{called}, {word('report.key_only', lang)}"


def _checks(steps: tuple[Step, ...], lang: Lang, details: bool) -> RenderableType:
    quiet = [step for step in steps if not (details or _speaks(step))]
    line = Text("  ").join(_in_a_word(step, lang) for step in quiet)
    table = Table.grid(padding=(0, 1))
    for step in steps:
        if details or _speaks(step):
            table.add_row(*_said(step, lang))
    return Group(line, table) if quiet and table.rows else (table if table.rows else line)


def _speaks(step: Step) -> bool:
    """Whether a check has something to say beside having passed."""
    return step.caution or step.outcome in ("failed", "unknown")


def _in_a_word(step: Step, lang: Lang) -> Text:
    """A tick where nothing is left to say; a dot where a note at the foot says more."""
    mark, style = _MARK[step.outcome]
    if step.says(lang).next_step:
        mark, style = "·", "default"
    return Text(f"{mark}\u00a0{word(f'step.{step.name}', lang)}".replace(" ", "\u00a0"), style=style)


def _said(step: Step, lang: Lang) -> tuple[Text, Text]:
    mark, style = ("!", "yellow") if step.caution else _MARK[step.outcome]
    state = "caution" if step.caution else step.outcome
    sentence = step.says(lang)
    said = Text(f"{word(f'step.{step.name}', lang)} ({word(f'outcome.{state}', lang)})", style="bold")
    said.append(f"  {sentence.what}", style="not bold")
    if sentence.next_step:
        said.append(f"\n→ {sentence.next_step}", style="not bold italic")
    if step.outcome in ("failed", "unknown"):
        said.append(f"  [{step.code}]", style="not bold dim")
    return Text(mark, style=style), said


def _notes(report: Report, lang: Lang) -> RenderableType:
    """What passed and yet asks something of the reader, each once."""
    steps = [*report.steps, *(step for credential in report.credentials for step in credential.steps)]
    worth: list[Sentence] = [step.says(lang) for step in steps if not _speaks(step)]
    table = Table.grid(padding=(0, 1))
    for sentence in dict.fromkeys(said for said in worth if said.next_step):
        table.add_row("·", Text(f"{sentence.what} {sentence.next_step}", style="dim"))
    return table
