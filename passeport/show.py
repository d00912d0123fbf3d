"""The verifier's report for people: a sentence first, then each check, on the terminal."""

from collections.abc import Iterator
from typing import Final

from rich.console import Console, Group, RenderableType
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from passeport.words import word
from problems.dates import day, moment
from problems.sentences import Lang, say
from verifier.report import Countersigned, CredentialReport, Outcome, Report, Step, Verdict

_TONE: Final[dict[Verdict, str]] = {
    "genuine": "green",
    "declared": "cyan",
    "to_confirm": "yellow",
    "cannot_check": "bright_black",
    "not_valid": "red",
}
_ICON: Final[dict[Verdict, str]] = {
    "genuine": "●",
    "declared": "◌",
    "to_confirm": "▲",
    "cannot_check": "◻",
    "not_valid": "⬣",
}
_MARK: Final[dict[Outcome, tuple[str, str]]] = {
    "passed": ("✔", "green"),
    "failed": ("✘", "bold red"),
    "unknown": ("?", "bright_black"),
    "not_applicable": ("–", "bright_black"),
}


def show_report(report: Report, out: Console, lang: Lang) -> None:
    """Print the verdict, one card per credential, and when it was checked."""
    out.print(_verdict(report.verdict, lang))
    if report.steps and (len(report.steps) > 1 or report.steps[0].outcome != "passed"):
        out.print(_steps(report.steps, lang))
    for credential in report.credentials:
        out.print(_card(credential, lang))
    out.print(Text(word("report.checked", lang, at=moment(report.at, lang)), style="dim"))


def _verdict(verdict: Verdict, lang: Lang) -> RenderableType:
    sentence = say(f"verdict.{verdict}", lang)
    text = Text(f"{_ICON[verdict]} {sentence.what}", style=f"bold {_TONE[verdict]}")
    return Panel(Group(text, Text(sentence.next_step)), border_style=_TONE[verdict])


def _card(credential: CredentialReport, lang: Lang) -> RenderableType:
    """A document that was changed shows the check that failed, and nothing of what it says."""
    rows: list[RenderableType] = [] if credential.facts is None else [*_content(credential, lang)]
    sentence = say(f"verdict.{credential.verdict}", lang)
    title = Text(f" {_ICON[credential.verdict]} {sentence.what} ")
    body = Group(*rows, _steps(credential.steps, lang))
    return Panel(body, title=title, title_align="left", border_style=_TONE[credential.verdict])


def _content(credential: CredentialReport, lang: Lang) -> Iterator[RenderableType]:
    facts = credential.facts
    if facts is None:
        return
    level = word("level.declared" if facts.self_declared else "level.certified", lang)
    kind = facts.label[lang] if facts.label else ""
    yield Text.assemble((facts.title, "bold"), (f"   {kind} · {level}" if kind else f"   {level}", "dim"))
    if facts.issuer_name:
        yield Text(word("report.issued_by", lang, name=facts.issuer_name))
    if facts.awarded_on:
        yield Text(word("report.awarded", lang, day=day(facts.awarded_on, lang)))
    table = Table.grid(padding=(0, 2))
    for item in facts.shown:
        if not item.always:
            table.add_row(Text(item.label[lang], style="dim"), Text("\n".join(item.lines[lang])))
    if table.rows:
        yield table
    for confirmation in credential.countersigned:
        yield Text("✎ " + _confirmation(confirmation, lang), style="cyan")
    yield Text("")


def _confirmation(confirmed: Countersigned, lang: Lang) -> str:
    skill = confirmed.endorsed.skill.name
    if confirmed.endorsed.verdict == "ADJUSTED":
        level = confirmed.endorsed.observed_level or ""
        return word("report.adjusted", lang, skill=skill, name=confirmed.by_name, level=level)
    return word("report.confirmed", lang, skill=skill, name=confirmed.by_name)


def _steps(steps: tuple[Step, ...], lang: Lang) -> RenderableType:
    table = Table.grid(padding=(0, 1))
    for step in steps:
        mark, style = ("!", "yellow") if step.caution else _MARK[step.outcome]
        state = "caution" if step.caution else step.outcome
        sentence = step.says(lang)
        said = Text(f"{word(f'step.{step.name}', lang)} ({word(f'outcome.{state}', lang)})", style="bold")
        said.append(f"  {sentence.what}", style="not bold")
        if sentence.next_step:
            said.append(f"\n→ {sentence.next_step}", style="not bold italic")
        if step.outcome in ("failed", "unknown"):
            said.append(f"  [{step.code}]", style="not bold dim")
        table.add_row(Text(mark, style=style), said)
    return table
