"""What was shown to whom: written in the vault when it happens, for its holder alone.

Every way of showing ends here: the answer to a verifier, what is handed over in a file or a code, a share
behind a link.
"""

import datetime as dt
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

from boundary import strict_json
from boundary.fetch import Client
from boundary.shape import a_list, a_text, an_object
from boundary.strict_json import Json
from credentials.facts import Facts
from exchange.presentation import BEARER, Part
from problems import Problem
from problems.sentences import LANGS, Lang
from wallet import answer
from wallet.consent import Asked, Consent, Proposal
from wallet.contents import Held, Note
from wallet.opened import open_held
from wallet.present import ALL, Binding, Choice, TokenForm, present
from wallet.vault import Vault

Outcome: TypeAlias = Literal["answered", "declined", "not_taken", "handed_over", "linked"]
_OUTCOMES: Final[Mapping[str, Outcome]] = {
    "answered": "answered", "declined": "declined", "not_taken": "not_taken",
    "handed_over": "handed_over", "linked": "linked",
}  # fmt: skip


@dataclass(frozen=True)
class Shown:
    """What was shown of one credential: the names of the items, not what they say."""

    credential: str
    title: str
    items: tuple[Mapping[Lang, str], ...]


@dataclass(frozen=True)
class Presented:
    """``to`` is the client identifier, or for whom it was made; ``name`` what of it was known, empty for
    whoever holds it; ``proved`` whether that was proved."""

    id: str
    at: dt.datetime
    to: str
    name: str
    proved: bool
    outcome: Outcome
    shown: tuple[Shown, ...] = ()


def give(
    given: Consent, chosen: Collection[Proposal], vault: Vault, client: Client, now: dt.datetime
) -> str | None:
    """Sign and send what the person chose, and write it down; return where the verifier leads on.

    Raises what :func:`wallet.answer.agree` and :func:`wallet.answer.send` raise.
    """
    signed = answer.agree(given, chosen, vault, now, vault.random)
    try:
        where = answer.send(given.asked, signed, client)
    except Problem:  # it may have got there all the same
        _write_asked(given.asked, "not_taken", chosen, vault, now)
        raise
    _write_asked(given.asked, "answered", chosen, vault, now)
    return where


def withhold(asked: Asked, vault: Vault, client: Client, now: dt.datetime) -> str | None:
    """Decline, and write that down."""
    _write_asked(asked, "declined", (), vault, now)
    return answer.decline(asked, client)


@contextmanager
def handing_over(
    choices: Sequence[Choice], vault: Vault, binding: Binding, form: TokenForm | None = None
) -> Iterator[list[Part]]:
    """Yield what to hand over, as :func:`wallet.present.present` makes it; when nothing went wrong with it
    by the end of the block, it is written down."""
    yield present(choices, vault, binding, vault.random, form)
    note(map(of_choice, choices), vault, binding.audience, "handed_over", binding.now)


def note(shown: Iterable[Shown], vault: Vault, to: str, outcome: Outcome, now: dt.datetime) -> None:
    """Write down that ``shown`` left the wallet, made for ``to``."""
    _write(Presented("", now, to, "" if to == BEARER else to, False, outcome, tuple(shown)), vault)


def of_choice(choice: Choice) -> Shown:
    """Return what is shown with a choice: the items chosen, and those that its holder cannot hide."""
    opened = open_held(choice.held)
    hidden = {item.id for item in opened.items if not (ALL in choice.items or item.id in choice.items)}
    return of_facts(choice.held, opened.facts, hidden)


def of_facts(held: Held, facts: Facts, hidden: Collection[str] = ()) -> Shown:
    labels = (item.label for item in facts.shown if item.id not in hidden)
    return Shown(held.id, facts.title, tuple({lang: label[lang] for lang in LANGS} for label in labels))


def propose(asked: Asked, vault: Vault) -> Consent:
    """Return the consent to show: with copies that nobody has seen yet first."""
    past = presented(vault)
    seen = [one.credential for event in past for one in event.shown]
    met = [event.at for event in past if event.to == asked.asker.client_id and event.outcome == "answered"]
    held = vault.credentials()

    def times(one: Held) -> int:
        return seen.count(one.id)

    return answer.consent(asked, held, times, max(met, default=None))


def presented(vault: Vault) -> list[Presented]:
    """Return what was shown or refused, the oldest first."""
    return [_read(note) for note in vault.notes("presented")]


def _write_asked(
    asked: Asked, outcome: Outcome, chosen: Iterable[Proposal], vault: Vault, now: dt.datetime
) -> None:
    asker = asked.asker
    shown = tuple(of_facts(one.held, one.facts) for one in chosen)
    name = asker.organisation or asker.name
    _write(Presented("", now, asker.client_id, name, asker.proved, outcome, shown), vault)


def _write(event: Presented, vault: Vault) -> None:
    body: Json = {
        "to": event.to,
        "name": event.name,
        "proved": event.proved,
        "outcome": event.outcome,
        "shown": [
            {
                "credential": one.credential,
                "title": one.title,
                "items": [{lang: label[lang] for lang in LANGS} for label in one.items],
            }
            for one in event.shown
        ],
    }
    vault.write_down(Note("presented", vault.random(16).hex(), strict_json.encode(body), event.at))


def _read(note: Note) -> Presented:
    said = strict_json.read_object(note.body)
    return Presented(
        note.id,
        note.added,
        a_text(said.get("to"), "to"),
        a_text(said.get("name"), "name"),
        said.get("proved") is True,
        _OUTCOMES[a_text(said.get("outcome"), "outcome")],
        tuple(_shown(an_object(one, "shown")) for one in a_list(said.get("shown"), "shown")),
    )


def _shown(said: Json) -> Shown:
    return Shown(
        a_text(said.get("credential"), "credential"), a_text(said.get("title"), "title"), tuple(_labels(said))
    )


def _labels(said: Json) -> Sequence[Mapping[Lang, str]]:
    items = [an_object(one, "items") for one in a_list(said.get("items"), "items")]
    return [{lang: a_text(one.get(lang), lang) for lang in LANGS} for one in items]
