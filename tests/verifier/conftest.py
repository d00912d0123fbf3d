"""A small town: organisations that issue, a person who holds and shows, a recruiter who verifies.

Nothing is made up here but the people: credentials come out of the issuance pipeline and its ledger,
presentations out of the wallet, keys and status lists are published into a pinned folder.
"""

import datetime as dt
import io
import json
import uuid
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from boundary import strict_json
from boundary.sources import Mirror
from boundary.strict_json import Json
from contexts import CONFORMANCE, PRODUCT
from credentials.forms import FORMS, ON_REQUEST
from credentials.templates import Template, load
from exchange import presentation
from issuer import endorse
from issuer.desk import Desk
from issuer.endorse import Opinion, Word
from issuer.issue import issue
from issuer.order import Award, Order
from issuer.publish import publish
from keys.dids import key as did_key
from keys.dids import web as did_web
from keys.dids.resolve import resolver
from keys.jwk import to_jwk
from keys.local import LocalSigner
from keys.record import KeyRecord
from keys.resolver import RevocationReason
from keys.signer import Algorithm, Signer
from passeport.machine import report_json
from passeport.show import show_report
from problems.sentences import LANGS
from proofs import SUITES, data_integrity, jose, jws
from proofs.cose import envelope as cose
from proofs.cose import sign1
from proofs.legacy import known_suites
from proofs.suite import ProofOptions
from storage.issuance import StatusValue
from storage.sqlite.issuance import SqliteLedger
from verifier.policy import Policy, Question
from verifier.report import CredentialReport, Report
from verifier.verify import Verifier
from wallet.contents import Held
from wallet.present import ALL, Binding, Choice, bearer, present

EXAMPLES = Path(__file__).parents[1] / "credentials" / "examples"
NOW = dt.datetime(2026, 11, 21, 8, 0, tzinfo=dt.UTC)
ISSUED = dt.datetime(2026, 10, 1, 9, 0, tzinfo=dt.UTC)
DAY = dt.timedelta(days=1)
QUESTION = Question("https://recruteur.example", "n-0S6_WzA2MjQ")
_NOT_CLAIMS = {"credential_id", "issuer", "holder", "issued_at", "valid_from", "status"}

LD, SD = "application/vc", "application/dc+sd-jwt"
JWT, LD_SD = "application/vc+jwt", "application/vc+sd-jwt"
COSE = "application/vc+cose"
WAYS = (LD, SD, JWT, LD_SD, COSE)


def claims_of(example: str) -> Json:
    """Return what a certifier says in one of our examples."""
    row = json.loads((EXAMPLES / f"{example}.json").read_text("utf-8"))["row"]
    return {name: value for name, value in row.items() if name not in _NOT_CLAIMS}


@dataclass
class Organisation:
    """Signs with a key published in its did:web document; keeps the books of what it issued."""

    desk: Desk
    ledger: SqliteLedger
    web: Mirror
    keys: list[KeyRecord]

    def issue(
        self,
        example: str,
        holder: str | None,
        *,
        reference: str = "A-1",
        at: dt.datetime = ISSUED,
        **more: Any,
    ) -> Mapping[str, bytes]:
        """Issue one of our examples, with ``more`` claims; return its forms by media type."""
        template = json.loads((EXAMPLES / f"{example}.json").read_text("utf-8"))["template"]
        claims = {name: value for name, value in (claims_of(example) | more).items() if value is not None}
        return self.fill(Award(reference, template, claims, holder, _forms(load(template))), at)

    def fill(self, order: Order, at: dt.datetime = ISSUED) -> Mapping[str, bytes]:
        return {done.form.media_type: done.body for done in issue([order], self.desk, self.ledger, at)}

    def publish(self, at: dt.datetime = NOW - dt.timedelta(hours=1)) -> None:
        """Write the keys and every status list to where the web would serve them."""
        self.publish_keys()
        for published in publish(self.desk, self.ledger, at):
            self.put_bytes(published.url, published.body)

    def document(self) -> Json:
        return did_web.document(self.desk.did, self.keys)

    def put(self, url: str, document: Json) -> None:
        self.put_bytes(url, strict_json.write(document).encode())

    def put_bytes(self, url: str, body: bytes) -> None:
        path = self.web.path(url)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(body)

    def lists(self) -> list[Path]:
        """Return the files of its status lists."""
        root = self.web.path(f"{self.desk.status_base}/x").parent
        return sorted(path for path in root.rglob("*") if path.is_file())

    def set_status(self, value: StatusValue, reference: str = "A-1") -> None:
        self.ledger.set_status(reference, value, "essai", NOW)
        self.publish()

    def revoke_key(self, reason: RevocationReason, at: dt.datetime) -> None:
        *others, last = self.keys
        self.keys = [*others, last.revoked(reason, at)]
        self.publish_keys()

    def rotate(self, at: dt.datetime) -> None:
        """Retire the key and sign with a new one from now on."""
        *others, last = self.keys
        name = f"key-{len(self.keys) + 1}"
        signer = LocalSigner.generate("P-256", f"{self.desk.did}#{name}")
        self.keys = [*others, last.moved("retired", at), _active(name, signer)]
        self.desk = replace(self.desk, signer=signer)
        self.publish()

    def publish_keys(self) -> None:
        if self.desk.did.startswith(did_web.PREFIX):
            self.put(did_web.url_of(self.desk.did), self.document())


def _forms(template: Template) -> tuple[str, ...]:
    """Return those that a template names, and the envelopes that it can be asked for."""
    return (*template.securing, *(name for name in ON_REQUEST if name in ("vc+jwt", "vc+sd-jwt", "vc+cose")))


def choice(body: bytes, *items: str) -> Choice:
    """Choose items of a credential; all of them when none is named, none for an empty name."""
    peeked = "vc+cose" if cose.is_message(body) else jose.peek(body.decode())
    media_type: Any = LD if body.startswith(b"{") else f"application/{peeked}" if peeked else SD
    return Choice(Held(media_type, body, ISSUED), [item for item in items if item] if items else (ALL,))


def _active(name: str, signer: LocalSigner) -> KeyRecord:
    purposes = ("assertionMethod", "authentication")
    return KeyRecord(name, signer.public_key, "active", ISSUED - 30 * DAY, purposes)


@dataclass
class Person:
    """Holds keys, one per award, and presents with them, as a wallet does."""

    keys: dict[str, LocalSigner] = field(default_factory=dict)

    def new_key(self, algorithm: Algorithm = "P-256") -> str:
        signer = LocalSigner.generate(algorithm)
        did = did_key.did(signer.public_key)
        self.keys[did] = signer
        return did

    def signer_for(self, did: str) -> Signer:
        return self.keys[did]

    def declare(self, did: str, name: str = "Tenir un planning partagé", **skill: Any) -> Mapping[str, bytes]:
        """Sign a declared skill in both forms, each time a new credential, with the key of ``did``."""
        template, day = load("declared-skill"), "2026-10-01T00:00:00Z"
        described: Json = {"ref": "s1", "name": name, "level": "3", "level_scale": "workplace-4", **skill}
        row: Json = {
            "name": "Compétence déclarée",
            "given_name": "Camille Fictive",
            "family_name": "EXEMPLE-DÉMONSTRATION",
            "skills": [described],
            "credential_id": uuid.uuid4().urn,
            "issuer": {"did": did, "name": "Déclaration du titulaire"},
            "holder": {"did": did, "jwk": to_jwk(self.keys[did].public_key)},
            "issued_at": day,
            "valid_from": day,
        }
        forms = [FORMS[form] for form in _forms(template)]
        return {
            form.media_type: form.secure(template, form.build(template, row), self.keys[did], day)
            for form in forms
        }

    def bearer(self, *chosen: bytes | Choice, at: dt.datetime = NOW - DAY, days: int = 30) -> str:
        """Share with whoever comes; credentials given as bytes are shown whole."""
        return self.show(chosen, bearer(at, days * DAY))

    def answer(self, *chosen: bytes | Choice, to: Question = QUESTION, at: dt.datetime = NOW) -> str:
        """Answer a question."""
        return self.show(chosen, Binding(to.audience, to.nonce, at, at + dt.timedelta(minutes=5)))

    def show(self, chosen: Iterable[bytes | Choice], binding: Binding) -> str:
        choices = [choice(one) if isinstance(one, bytes) else one for one in chosen]
        return presentation.write_parts(present(choices, self, binding))


@dataclass(frozen=True)
class Town:
    web: Mirror
    folder: Path
    organisations: dict[str, Organisation] = field(default_factory=dict)

    def organisation(self, host: str, name: str, signer: LocalSigner | None = None) -> Organisation:
        """Return the organisation at ``host``, founded and published when first asked for.

        With a ``signer`` of its own it has no DID at its host: it is known by its key only.
        """
        if host not in self.organisations:
            signer = signer or LocalSigner.generate("P-256", f"did:web:{host}#key-1")
            did = signer.verification_method.partition("#")[0]
            desk = Desk(did, name, signer, f"https://{host}/status")
            ledger = SqliteLedger(self.folder / f"{host}.db")
            founded = Organisation(desk, ledger, self.web, [_active("key-1", signer)])
            founded.publish_keys()
            self.organisations[host] = founded
        return self.organisations[host]

    @property
    def certifier(self) -> Organisation:
        return self.organisation("certificateur.example", "Centre des Trois-Fontaines (organisme fictif)")

    @property
    def employer(self) -> Organisation:
        return self.organisation("employeur.example", "Menuiserie Imaginaire (entreprise fictive)")

    def verifier(self, **policy: Any) -> Verifier:
        asked = Policy(**policy)
        contexts = CONFORMANCE if asked.proof_only else PRODUCT
        return Verifier(asked, known_suites(contexts), resolver(self.web), self.web)

    def verify(self, shown: str | bytes, at: dt.datetime = NOW, **policy: Any) -> Report:
        data = shown.encode() if isinstance(shown, str) else shown
        return self.verifier(**policy).verify(data, at)

    @staticmethod
    def forms(template: str) -> tuple[str, ...]:
        """Return the forms that these tests have of a type."""
        return _forms(load(template))

    @staticmethod
    def choice(body: bytes, *items: str) -> Choice:
        return choice(body, *items)

    def one(self, shown: str | bytes, at: dt.datetime = NOW, **policy: Any) -> CredentialReport:
        """Verify and return the only line of the report."""
        report = self.verify(shown, at, **policy)
        assert len(report.credentials) == 1, report
        return report.credentials[0]

    @staticmethod
    def said(line: Report | CredentialReport) -> dict[str, tuple[str, str]]:
        """Return outcome and code of each step."""
        assert len({one.name for one in line.steps}) == len(line.steps)
        return {one.name: (one.outcome, one.code) for one in line.steps}

    @staticmethod
    def everything_said(report: Report) -> str:
        """Return whatever anybody is told: as JSON and on the terminal, in both languages."""
        written = []
        for lang in LANGS:
            written.append(json.dumps(report_json(report, lang), ensure_ascii=False))
            for details in (False, True):
                out = io.StringIO()
                show_report(report, Console(file=out, width=200), lang, details=details)
                written.append(out.getvalue())
        return "\n".join(written)

    @staticmethod
    def signed(document: Json, signer: LocalSigner, form: str = LD) -> bytes:
        """Secure a document, of any form, by whoever wants to: what it says is their business."""
        if form in (JWT, LD_SD):
            typ = form.removeprefix("application/")
            token = jws.sign({"typ": typ, "kid": signer.verification_method}, document, signer)
            return (token + ("~" if form == LD_SD else "")).encode()
        if form == COSE:
            named: Any = {16: COSE, 3: LD, 4: signer.verification_method.encode()}
            return sign1.sign(named, strict_json.write(document).encode(), signer)
        if "vct" in document:
            header: Json = {"typ": "dc+sd-jwt", "kid": signer.verification_method}
            return f"{jws.sign(header, document, signer)}~".encode()
        suite = SUITES[{"P-256": "ecdsa-rdfc-2019", "Ed25519": "eddsa-rdfc-2022"}[signer.algorithm]]
        options = ProofOptions(created="2026-10-01T00:00:00Z")
        return strict_json.write(data_integrity.add_proof(document, suite, options, signer)).encode()

    def endorse(self, shown: str, *words: Word, by: Organisation, reference: str = "") -> Mapping[str, bytes]:
        """Let an organisation confirm what was shown to it, each form by its digest."""
        forms = [line.opened for line in self.verify(shown).credentials if line.opened]
        order = endorse.order(forms, Opinion(words, "EMPLOYEUR", "Trois saisons sans faute."))
        order = replace(order, reference=reference or order.reference, asked=_forms(order.type))
        return by.fill(order)


NewTown = Callable[[], Town]


@pytest.fixture(scope="session")
def found_town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[NewTown]:
    towns: list[Town] = []

    def found() -> Town:
        folder = tmp_path_factory.mktemp("town")
        towns.append(Town(Mirror(folder / "web"), folder))
        return towns[-1]

    yield found
    for town in towns:
        for organisation in town.organisations.values():
            organisation.ledger.close()


@dataclass(frozen=True)
class Scene:
    """One award in both forms, held by one person; nobody may change anything of it."""

    town: Town
    person: Person
    holder: str
    award: Mapping[str, bytes]

    def content(self, form: str) -> Json:
        """Return what the certifier signed, to be signed by others."""
        opened = self.town.one(self.person.bearer(self.award[form])).opened
        assert opened is not None
        return opened.document


@pytest.fixture(scope="session")
def scene(found_town: NewTown) -> Scene:
    town, person = found_town(), Person()
    holder = person.new_key()
    award = town.certifier.issue("certification", holder)
    town.certifier.publish()
    return Scene(town, person, holder, award)


@pytest.fixture
def awarded(town: Town, person: Person) -> Callable[..., Mapping[str, str]]:
    """Issue a certification, publish everything, and return what the holder shares of it, by form."""

    def award(**claims: Any) -> Mapping[str, str]:
        forms = town.certifier.issue("certification", person.new_key(), **claims)
        town.certifier.publish()
        return {form: person.bearer(body) for form, body in forms.items()}

    return award


@pytest.fixture(params=WAYS, ids=["json-ld", "sd-jwt", "vc+jwt", "vc+sd-jwt", "vc+cose"])
def form(request: pytest.FixtureRequest) -> str:
    """Each way of securing in turn."""
    return str(request.param)


@pytest.fixture
def person() -> Person:
    return Person()


@pytest.fixture
def town(found_town: NewTown) -> Town:
    """A town of one's own, in which anything may be changed."""
    return found_town()
