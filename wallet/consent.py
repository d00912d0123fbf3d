"""What a person sees and decides before anything leaves: who asks, what would be shown, what stays hidden."""

import datetime as dt
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

from credentials.facts import Facts, facts_ld, facts_sd
from credentials.items import Item
from credentials.pointers import pointer_to
from credentials.token_facts import facts_token
from exchange import dcql
from exchange.dcql import Candidate, CredentialQuery, Match
from exchange.dcql.paths import Place
from exchange.openid4vp import candidates
from exchange.openid4vp.client_id import Asker
from exchange.openid4vp.request import AuthorizationRequest
from exchange.openid4vp.transaction import Transaction
from problems.sentences import LANGS, Lang
from proofs import SUITES, data_integrity, jose, sd_jwt
from wallet.contents import Held
from wallet.opened import Opened, open_held
from wallet.present import ALL


@dataclass(frozen=True)
class Asked:
    """A request that holds, and who made it as far as that is known: ``asker.proved`` says whether it is.

    What it is for is not said by OpenID4VP, so nobody knows. ``transactions`` are to be approved with it.
    """

    request: AuthorizationRequest
    asker: Asker
    transactions: tuple[Transaction, ...] = ()


@dataclass(frozen=True)
class Hidden:
    """Something that the credential holds and that stays with its holder."""

    id: str
    label: Mapping[Lang, str]


@dataclass(frozen=True)
class Proposal:
    """One credential that answers one query; ``facts`` are exactly what would be shown of it.

    ``hidden`` is what would not. ``along`` are the ids of items that are shown though nobody asked for
    them, because this credential cannot hide them. ``items`` (JSON-LD, and tokens) or the ``paths`` of
    disclosures (SD-JWT VC) are how it is said to :mod:`wallet.present`.
    """

    query: str
    held: Held
    facts: Facts
    items: tuple[str, ...] = ()
    paths: tuple[sd_jwt.Path, ...] = ()
    hidden: tuple[Hidden, ...] = ()
    along: tuple[str, ...] = ()

    @property
    def everything(self) -> bool:
        """Whether the verifier asks for all that could be hidden: more than a purpose usually needs."""
        return not self.hidden and any(not item.always for item in self.facts.shown)


@dataclass(frozen=True)
class Consent:
    """Who asks, and for each query the credentials that answer it. ``possible`` is false when nothing that
    the vault holds is an answer. ``before`` is when this verifier was last shown something."""

    asked: Asked
    proposals: Mapping[str, Sequence[Proposal]]
    before: dt.datetime | None = None

    @property
    def possible(self) -> bool:
        return dcql.satisfied(
            self.asked.request.query, [name for name, found in self.proposals.items() if found]
        )

    def required(self, query: str) -> bool:
        """Say whether an answer to this query cannot be left out, whatever else is answered."""
        others = [name for name, found in self.proposals.items() if found and name != query]
        return not dcql.satisfied(self.asked.request.query, others)

    def suggested(self) -> list[Proposal]:
        """Return the first credential for each query that cannot be left out."""
        chosen: dict[str, Proposal] = {
            name: found[0] for name, found in self.proposals.items() if found and self.required(name)
        }
        for one in self.asked.request.query.sets:
            possible = [option for option in one.options if all(self.proposals[name] for name in option)]
            fulfilled = any(set(option) <= chosen.keys() for option in possible)
            if one.required and possible and not fulfilled:
                chosen |= {name: self.proposals[name][0] for name in possible[0]}
        return [chosen[name] for name in self.proposals if name in chosen]


def consent(
    asked: Asked,
    held: Sequence[Held],
    shown: Callable[[Held], int] = lambda _: 0,
    before: dt.datetime | None = None,
) -> Consent:
    """Return what the vault can answer with; nothing is signed and nothing leaves.

    ``shown`` says how often a credential was shown already: copies that were not come first.
    """
    ranked = sorted((one for one in held if one.endorses is None), key=shown)
    opened = {one.id: (one, open_held(one)) for one in ranked}
    known = [candidate for one, credential in opened.values() for candidate in _candidates(one, credential)]
    found = dcql.options(asked.request.query, known)
    proposals = {
        query.id: [_proposal(query, match, *opened[match.candidate.id]) for match in found[query.id]]
        for query in asked.request.query.credentials
    }
    return Consent(asked, proposals, before)


def _candidates(one: Held, credential: Opened) -> Iterator[Candidate]:
    bound = credential.facts.bound
    document = {name: value for name, value in credential.document.items() if name != "proof"}
    match one.media_type:
        case "application/dc+sd-jwt":
            yield candidates.of_sd_jwt(one.id, credential.document, bound=bound)
        case "application/vc":
            yield candidates.of_credential(one.id, document, bound=bound)
        case "application/vc+jwt" | "application/vc+sd-jwt":
            yield candidates.of_credential(one.id, document, bound=bound, form=candidates.JWT)


def _proposal(query: CredentialQuery, match: Match, one: Held, credential: Opened) -> Proposal:
    if one.media_type == "application/dc+sd-jwt":
        return _of_sd_jwt(query, match, one, credential)
    wanted = [item for item in credential.items if _is_asked(match.places, item)]
    if credential.whole or (one.media_type == "application/vc+sd-jwt" and not credential.items):
        asked = {item.id for item in wanted}
        along = tuple(item.id for item in credential.items if item.id not in asked)
        return Proposal(query.id, one, credential.facts, items=(ALL,), along=along)
    facts = _facts_of(one, credential, wanted)
    kept = tuple(Hidden(item.id, item.label) for item in credential.items if item not in wanted)
    return Proposal(query.id, one, facts, items=tuple(item.id for item in wanted), hidden=kept)


def _facts_of(one: Held, credential: Opened, wanted: Sequence[Item]) -> Facts:
    if one.media_type == "application/vc+sd-jwt":
        text = sd_jwt.present(one.body.decode(), {path for item in wanted for path in item.paths})
        said = jose.unverified("vc+sd-jwt", text)
        return facts_token(said.document, said.claims)
    pointers = list(dict.fromkeys(pointer for item in wanted for pointer in item.pointers))
    return facts_ld(data_integrity.derive(credential.document, SUITES, pointers))


def _of_sd_jwt(query: CredentialQuery, match: Match, one: Held, credential: Opened) -> Proposal:
    paths = tuple(path for path in credential.paths if _any_meets(match.places, path))
    payload = sd_jwt.unverified(sd_jwt.parse(sd_jwt.present(one.body.decode(), paths))).payload
    return Proposal(query.id, one, facts_sd(payload), paths=paths, hidden=tuple(_kept(credential, paths)))


def _kept(credential: Opened, shown: Collection[sd_jwt.Path]) -> Iterator[Hidden]:
    """Name what stays hidden: by items where we know the type, by its own names elsewhere."""
    if credential.items:
        for item in credential.items:
            if not set(item.paths) & set(shown):
                yield Hidden(item.id, item.label)
        return
    for path in credential.paths:
        if path not in shown:
            name = ".".join(map(str, path))
            yield Hidden(name, dict.fromkeys(LANGS, name))


def _is_asked(places: Collection[Place], item: Item) -> bool:
    return any(_any_meets(places, path) for path in item.paths) or any(
        _any_meets_pointer(places, pointer) for pointer in item.pointers
    )


def _any_meets(places: Collection[Place], path: sd_jwt.Path) -> bool:
    """Whether a disclosure holds something that is asked for, or is part of it."""
    return any(path[: len(place)] == place or place[: len(path)] == path for place in places)


def _any_meets_pointer(places: Collection[Place], pointer: str) -> bool:
    asked = [pointer_to(place) for place in places]
    return any(f"{pointer}/".startswith(f"{one}/") or f"{one}/".startswith(f"{pointer}/") for one in asked)
