"""The wallet on the web: how it reaches issuers and verifiers, whom it trusts, and what it verifies."""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from cryptography import x509

from boundary import files, limits
from boundary.fetch import Fetcher, is_public
from boundary.sources import Source
from boundary.strict_json import Json, JsonValue
from credentials.facts import Facts
from credentials.forms import MediaType
from exchange.openid4vp.client_id import Trust
from keys import x509 as certificates
from keys.dids.resolve import resolver
from passeport.passport import sound, verifier, whole
from problems.sentences import LANGS, Lang
from wallet import answer
from wallet.consent import Consent, Proposal
from wallet.history import Presented
from wallet.receive import Arrival, Offered, Web

Clock = Callable[[], dt.datetime]


@dataclass(frozen=True)
class Online:
    """``source`` is where published documents come from; ``client_id`` this wallet's name."""

    client: Fetcher
    source: Source
    anchors: tuple[x509.Certificate, ...]
    now: Clock
    client_id: str = "passeport"

    @property
    def web(self) -> Web:
        return Web(self.client, resolver(self.source), self.now, self.client_id)

    @property
    def trust(self) -> Trust:
        return Trust(resolver(self.source), self.anchors, self.now())

    def verify(self, body: bytes, _media_type: MediaType) -> None:
        """Raise a Problem unless what was delivered verifies."""
        sound(verifier(self.source).verify(whole(body), self.now()))

    def fetch(self, link: str) -> answer.Asked:
        return answer.fetch(link, self.client, self.trust)


def client(*, loopback: bool) -> Fetcher:
    """Return the client of the public web; with ``loopback``, of services on this machine, too."""
    if not loopback:
        return Fetcher()
    return Fetcher(
        addresses=lambda address: address.is_loopback or is_public(address), ports=None, plain=True
    )


def anchors(folder: Path) -> tuple[x509.Certificate, ...]:
    """Return the certificates of authorities in ``folder``, which whoever runs the wallet trusts."""
    found = [
        certificates.read_pem(files.read(path, limit=limits.JSON_BYTES)) for path in folder.glob("*.pem")
    ]
    return tuple(one for chain in found for one in chain.certificates)


def offered_json(offered: Offered, lang: Lang) -> Json:
    """Return what is offered, for programs and pages; none of it is accepted."""
    tx_code = offered.tx_code
    return {
        "issuer": {"id": offered.issuer.issuer, "name": offered.name(lang), "host": offered.host},
        "signedBy": offered.signed_by,
        "credentials": [
            {"id": one.configuration, "format": one.format, "name": one.name, "possible": one.possible}
            for one in offered.credentials(lang)
        ],
        "transactionCode": None if tx_code is None else tx_code.document(),
        "signIn": offered.by_sign_in,
        "copies": offered.issuer.batch_size,
    }


def arrival_json(arrival: Arrival, lang: Lang) -> Json:
    return {
        "id": arrival.configuration,
        "form": arrival.media_type,
        "title": arrival.facts.title,
        "issuer": {"id": arrival.facts.issuer_id, "name": arrival.facts.issuer_name},
        "items": items_json(arrival.facts, lang),
    }


def items_json(facts: Facts, lang: Lang) -> list[JsonValue]:
    return [
        {"id": item.id, "label": item.label[lang], "lines": [*item.lines[lang]], "always": item.always}
        for item in facts.shown
    ]


def consent_json(given: Consent, lang: Lang) -> Json:
    """Return all that a person needs to decide."""
    asker, request = given.asked.asker, given.asked.request
    return {
        "verifier": {
            "id": asker.client_id,
            "name": asker.name,
            "organisation": asker.organisation,
            "proved": asker.proved,
            "by": asker.prefix,
        },
        "purpose": None,
        "lastShown": given.before.isoformat() if given.before else None,
        "possible": given.possible,
        "statements": [one.statement for one in given.asked.transactions],
        "queries": [
            {
                "id": query.id,
                "required": given.required(query.id),
                "several": query.multiple,
                "credentials": [_proposal_json(one, lang) for one in given.proposals[query.id]],
            }
            for query in request.query.credentials
        ],
    }


def _proposal_json(one: Proposal, lang: Lang) -> Json:
    return {
        "credential": one.held.id,
        "title": one.facts.title,
        "shown": items_json(one.facts, lang),
        "hidden": [{"id": kept.id, "label": kept.label[lang]} for kept in one.hidden],
        "notAsked": [*one.along],
        "everything": one.everything,
    }


def presented_json(one: Presented) -> Json:
    return {
        "id": one.id,
        "at": one.at.isoformat(),
        "verifier": {"id": one.to, "name": one.name, "proved": one.proved},
        "outcome": one.outcome,
        "shown": [
            {
                "credential": shown.credential,
                "title": shown.title,
                "items": [{lang: label[lang] for lang in LANGS} for label in shown.items],
            }
            for shown in one.shown
        ],
    }
