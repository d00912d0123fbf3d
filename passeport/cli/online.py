"""``passeport wallet receive``, ``collect``, ``answer``, ``history``: with issuers and verifiers online."""

import sys
from collections.abc import Collection
from pathlib import Path
from typing import Annotated, Final

import typer
from rich.table import Table

from boundary import limits
from boundary.strict_json import Json as JsonObject
from boundary.strict_json import JsonValue
from credentials.facts import Facts
from passeport import online, passport, wallet_provider
from passeport.cli import disk, share
from passeport.cli.session import Session, now, read_file, secret, session, web
from passeport.cli.session import help_text as _
from passeport.online import Online
from problems import InputError
from problems.dates import day
from verifier import scan
from wallet import described, history, hold, receive
from wallet.consent import Consent, Proposal
from wallet.contents import Held
from wallet.history import Presented
from wallet.receive import Errand
from wallet.vault import Vault

_YES: Final = ("o", "oui", "y", "yes")
_BACK: Final = "https://passeport.example/back"

Link = Annotated[str, typer.Argument(metavar="LINK", help=_("help.link"))]
Yes = Annotated[bool, typer.Option("--yes", help=_("help.yes"))]
Pinned = Annotated[list[Path] | None, typer.Option("--pinned", help=_("help.pinned"))]
Json = Annotated[bool, typer.Option("--json", help=_("help.json"))]


def register(app: typer.Typer) -> None:
    app.command("receive", help=_("help.wallet_receive"))(receive_command)
    app.command("collect", help=_("help.wallet_collect"))(collect)
    app.command("answer", help=_("help.wallet_answer"))(answer_command)
    app.command("history", help=_("help.wallet_history"))(history_command)
    app.command("attest", help=_("help.wallet_attest"))(attest_command)


def receive_command(
    link: Link,
    tx_code: Annotated[str | None, typer.Option(help=_("help.tx_code"))] = None,
    only: Annotated[list[str] | None, typer.Option("--only", metavar="ID", help=_("help.only"))] = None,
    copies: Annotated[int, typer.Option(min=1, max=50, help=_("help.copies"))] = 1,
    back: Annotated[str, typer.Option(metavar="URL", help=_("help.redirect_uri"))] = _BACK,
    yes: Yes = False,
    pinned: Pinned = None,
    json: Json = False,
) -> None:
    here = session(json=json)
    ways = _online(here, pinned)
    offered = receive.look(_text(link), ways.web)
    told: JsonObject = {"offered": described.offered(offered, here.lang)}
    if not json:
        _show_offer(offered, here)
    if not _agreed(here, "receive.accept", yes=yes):
        _done(here, told, "receive.not_accepted")
        return
    begun = receive.start(offered, only, copies)
    with passport.opened(here.settings.wallet, secret) as vault:
        if offered.by_sign_in:
            begun, url = receive.sign_in(begun, back, ways.web)
            receive.remember(begun, vault, now())
            _done(here, {**told, "signIn": url, "errand": begun.id}, "receive.sign_in", url=url)
            return
        begun = receive.redeem(begun, _tx_code(offered, tx_code), ways.web)
        _finish(begun, vault, ways, here, told, yes=yes)


def collect(
    back: Annotated[str | None, typer.Option(metavar="URL", help=_("help.back"))] = None,
    yes: Yes = False,
    pinned: Pinned = None,
    json: Json = False,
) -> None:
    here = session(json=json)
    ways = _online(here, pinned)
    with passport.opened(here.settings.wallet, secret) as vault:
        waiting = [one for one in receive.errands(vault) if one.access or back]
        if not waiting:
            _done(here, {"kept": []}, "receive.nothing_waits")
            return
        for one in waiting:
            if one.access is None:
                one = receive.signed_in(one, (back or "").partition("?")[2], ways.web)
            _finish(one, vault, ways, here, {}, yes=yes)


def _finish(
    errand: Errand, vault: Vault, ways: Online, here: Session, told: JsonObject, *, yes: bool
) -> None:
    """Collect what can be had, show whose it is, and keep what the person keeps."""
    receive.remember(errand, vault, now())
    errand = receive.collect(errand, vault, ways.web)
    receive.remember(errand, vault, now())
    if not errand.arrived:
        _done(here, {**told, "kept": [], "waiting": len(errand.waiting)}, "receive.later")
        return
    found = receive.arrived(errand, vault, ways.verify, ways.web)
    told = {**told, "arrived": [described.arrival(one, here.lang) for one in found]}
    if not here.json:
        for one in found:
            _show_items(one.facts, here)
    if not _agreed(here, "receive.keep", yes=yes):
        receive.refuse(errand, vault, ways.web)
        _done(here, {**told, "kept": []}, "receive.refused_here")
        return
    kept = receive.keep(errand, vault, ways.verify, ways.web)
    if here.json:
        here.machine({**told, "kept": [share.described_briefly(held) for held in kept]})
    for held in [] if here.json else kept:
        here.say("wallet.added", id=held.id[:8], title=hold.facts_of(held).title)


def answer_command(
    link: Link,
    choose: Annotated[list[str] | None, typer.Option("--choose", metavar="ID", help=_("help.choose"))] = None,
    decline: Annotated[bool, typer.Option("--decline", help=_("help.decline"))] = False,
    yes: Yes = False,
    pinned: Pinned = None,
    json: Json = False,
) -> None:
    here = session(json=json)
    ways = _online(here, pinned)
    asked = ways.fetch(_text(link))
    with passport.opened(here.settings.wallet, secret) as vault:
        given = history.propose(asked, vault)
        chosen = _chosen(given, choose)
        told: JsonObject = {"consent": described.consent(given, here.lang)}
        if not json:
            _show_consent(given, chosen, here)
        if decline or not given.possible:
            _decline(given, vault, ways, here, told, sent=decline or yes)
        elif _agreed(here, "answer.agree", yes=yes):
            where = history.give(given, chosen, vault, ways.client, now())
            _done(here, {**told, "answered": True, "next": where}, "answer.sent")
            if where and not json:
                here.say("answer.next", url=where)
        else:
            _done(here, {**told, "answered": False}, "answer.nothing_sent")


def _decline(
    given: Consent, vault: Vault, ways: Online, here: Session, told: JsonObject, *, sent: bool
) -> None:
    """Whoever has nothing to show decides too whether the verifier hears of it, and hears no more."""
    if not (sent or _agreed(here, "answer.tell_no", yes=False)):
        _done(here, {**told, "answered": False}, "answer.nothing_sent")
        return
    where = history.withhold(given.asked, vault, ways.client, now())
    _done(here, {**told, "answered": False, "declined": True, "next": where}, "answer.told_no")


def history_command(json: Json = False) -> None:
    here = session(json=json)
    with passport.opened(here.settings.wallet, secret) as vault:
        past = history.presented(vault)
    if json:
        here.machine([described.presented(one) for one in past])
        return
    table = Table(*(here.word(f"column.{name}") for name in ("when", "verifier", "outcome", "shown")))
    for one in past:
        shown = "\n".join(
            f"{credential.title} : {', '.join(label[here.lang] for label in credential.items)}"
            for credential in one.shown
        )
        table.add_row(
            day(one.at, here.lang), _to_whom(one, here), here.word(f"outcome.{one.outcome}"), shown or "–"
        )
    here.out.print(table)


def attest_command(
    out: Annotated[Path, typer.Argument(metavar="FILE", help=_("help.attest_out"))], json: Json = False
) -> None:
    here = session(json=json)
    authority = wallet_provider.create(here.settings.home, now())
    disk.write(out, authority, mode=0o644)
    here.done("attest.done", path=str(out))


def _to_whom(one: Presented, here: Session) -> str:
    if one.outcome in ("handed_over", "linked"):
        return one.name or here.word("history.bearer")
    return one.name if one.proved else here.word("answer.unverified", name=one.name)


def _online(here: Session, pinned: list[Path] | None) -> Online:
    settings = here.settings
    client = online.client(loopback=settings.loopback)
    source = web(pinned, online=True, settings=settings)
    anchors, provider = online.anchors(settings.home / "anchors"), wallet_provider.find(settings.home)
    return Online(client, source, anchors, now, provider=provider)


def _text(link: str) -> str:
    """Return a link, or the one on a picture."""
    path = Path(link)
    if ":" in link or not path.suffix:
        return link
    texts = scan.read_image(read_file(path, limits.IMAGE_BYTES)).texts
    if len(texts) != 1:
        raise InputError("wallet.one_code", count=len(texts))
    return texts[0]


def _tx_code(offered: receive.Offered, given: str | None) -> str | None:
    if offered.tx_code is None or given is not None:
        return given
    return secret("tx_code")


def _agreed(here: Session, question: str, *, yes: bool) -> bool:
    """Ask the person; nobody there to ask, or a program, means no."""
    if yes:
        return True
    if here.json or not sys.stdin.isatty():
        return False
    here.err.print(here.word(question), end=" ")
    return sys.stdin.readline().strip().lower() in _YES


def _done(here: Session, told: JsonObject, key: str, /, **facts: str) -> None:
    if here.json:
        here.machine(told)
    else:
        here.say(key, **facts)


def _show_offer(offered: receive.Offered, here: Session) -> None:
    here.say("receive.from", name=offered.name(here.lang), host=offered.host)
    for one in offered.credentials(here.lang):
        here.say("receive.offers" if one.possible else "receive.cannot", name=one.name, id=one.configuration)
    if offered.tx_code is not None:
        here.say("receive.code_wanted", hint=offered.tx_code.description or "")


def _show_items(facts: Facts, here: Session) -> None:
    here.out.print(facts.title, style="bold")
    table = Table(*(here.word(f"column.{name}") for name in ("label", "value")))
    for item in facts.shown:
        table.add_row(item.label[here.lang], "\n".join(item.lines[here.lang]))
    here.out.print(table)


def _show_consent(given: Consent, chosen: Collection[Proposal], here: Session) -> None:
    asker = given.asked.asker
    name = asker.organisation or asker.name
    here.say("answer.asks" if asker.proved else "answer.asks_unverified", name=name, id=asker.client_id)
    here.say("answer.purpose_unknown")
    for statement in given.asked.transactions:
        here.say("answer.statement", text=statement.statement)
    if not given.possible:
        here.say("answer.nothing")
    for proposal in chosen:
        here.say("answer.required" if given.required(proposal.query) else "answer.optional")
        _show_items(proposal.facts, here)
        if proposal.hidden:
            here.say("answer.hidden", items=", ".join(one.label[here.lang] for one in proposal.hidden))
        if proposal.along:
            here.say("answer.along", items=", ".join(proposal.along))
        elif proposal.everything:
            here.say("answer.everything")


def _chosen(given: Consent, names: list[str] | None) -> list[Proposal]:
    """Return what is suggested, or the proposals of the credentials that are named."""
    if not names:
        return given.suggested()
    every = [one for found in given.proposals.values() for one in found]
    missing = [name for name in names if not any(one.held.id.startswith(name) for one in every)]
    if missing:
        raise InputError("answer.no_such_choice")
    return [one for one in every if any(one.held.id.startswith(name) for name in names)]


def seen(held: Held, vault: Vault) -> list[JsonValue]:
    """Return when a credential was shown, and to whom."""
    return [
        described.presented(one)
        for one in history.presented(vault)
        if any(shown.credential == held.id for shown in one.shown)
    ]
