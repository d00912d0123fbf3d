"""What a person decides about, as JSON for programs and pages: offers, arrivals, consents, the past."""

from boundary.strict_json import Json, JsonValue
from credentials.facts import Facts
from problems.sentences import LANGS, Lang
from wallet.consent import Consent, Proposal
from wallet.history import Presented
from wallet.receive import Arrival, Offered


def offered(what: Offered, lang: Lang) -> Json:
    """Return what is offered, for programs and pages; none of it is accepted."""
    tx_code = what.tx_code
    return {
        "issuer": {"id": what.issuer.issuer, "name": what.name(lang), "host": what.host},
        "signedBy": what.signed_by,
        "credentials": [
            {"id": one.configuration, "format": one.format, "name": one.name, "possible": one.possible}
            for one in what.credentials(lang)
        ],
        "transactionCode": None if tx_code is None else tx_code.document(),
        "signIn": what.by_sign_in,
        "copies": what.issuer.batch_size,
    }


def arrival(one: Arrival, lang: Lang) -> Json:
    return {
        "id": one.configuration,
        "form": one.media_type,
        "title": one.facts.title,
        "issuer": {"id": one.facts.issuer_id, "name": one.facts.issuer_name},
        "items": items(one.facts, lang),
    }


def items(facts: Facts, lang: Lang) -> list[JsonValue]:
    return [
        {"id": item.id, "label": item.label[lang], "lines": [*item.lines[lang]], "always": item.always}
        for item in facts.shown
    ]


def consent(given: Consent, lang: Lang) -> Json:
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
        "shown": items(one.facts, lang),
        "hidden": [{"id": kept.id, "label": kept.label[lang]} for kept in one.hidden],
        "notAsked": [*one.along],
        "everything": one.everything,
    }


def presented(one: Presented) -> Json:
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
