"""An SD-JWT VC whose key is named by certificates: trusted as far as its chain leads, and no further."""

import datetime as dt
from dataclasses import dataclass, field

import pytest

from keys.local import LocalSigner
from keys.resolver import Revocation, VerificationKey
from keys.x509 import Authority, Chain
from problems import MalformedValueError, Problem, ProofVerificationError, RetrievalError
from proofs import jws, sd_jwt

NOW = dt.datetime(2026, 11, 21, 8, 0, tzinfo=dt.UTC)
AUTHORITY = Authority.create("Autorité fictive", NOW)
ANCHORS = (AUTHORITY.certificate,)
DID = "did:web:centre.example"
SIGNER = LocalSigner.generate("P-256", f"{DID}#key-1")
ORGANISATION = "Centre (fictif)"


def certified(signer=SIGNER, hosts=("centre.example",), uris=(DID,), authority=AUTHORITY) -> Chain:
    return authority.certify(signer.public_key, ORGANISATION, NOW, hosts=list(hosts), uris=list(uris))


@dataclass
class Published:
    """The keys that the issuer's document lists; asked for at all only where ``kid`` names one."""

    key: VerificationKey | None = None
    asked: list[str] = field(default_factory=list)

    def resolve(self, verification_method, purpose):
        self.asked.append(verification_method)
        if self.key is None:
            raise RetrievalError("source.offline", host="centre.example")
        return self.key


LISTED = Published(VerificationKey(SIGNER.public_key, SIGNER.verification_method, DID))


def token(chain: Chain | None, signer=SIGNER, iss: str | None = DID, kid: str | None = None, **more) -> str:
    header = {"typ": "dc+sd-jwt"} | ({"kid": kid} if kid else {}) | ({"x5c": chain.x5c} if chain else {})
    payload = {"vct": "https://centre.example/type"} | ({"iss": iss} if iss else {})
    return jws.sign({**header, **more}, payload, signer) + "~"


def verify(text: str, keys=None, anchors=ANCHORS, now=NOW):
    return sd_jwt.verify(text, keys or Published(), now=now, holder=None, anchors=anchors).key


def refused(code: str, text: str, **how) -> None:
    with pytest.raises(Problem) as refusal:
        verify(text, **how)
    assert refusal.value.code == code


@pytest.mark.parametrize("iss", [DID, "https://centre.example", "https://centre.example/emetteur"])
def test_the_issuer_is_who_the_certificate_names(iss):
    key = verify(token(certified(), iss=iss))
    assert (key.controller, key.organisation, key.key) == (iss, ORGANISATION, SIGNER.public_key)


@pytest.mark.parametrize(
    ("hosts", "uris", "named"),
    [((), (DID,), DID), (("centre.example",), (), "https://centre.example"),
     (("centre.example",), ("https://centre.example/a",), "https://centre.example/a")],
)  # fmt: skip
def test_without_iss_the_certificate_alone_names_it(hosts, uris, named):
    assert verify(token(certified(hosts=hosts, uris=uris), iss=None)).controller == named


def test_a_certificate_without_names_names_nobody():
    refused("x509.nameless", token(certified(hosts=(), uris=()), iss=None))


@pytest.mark.parametrize(
    "iss",
    ["did:web:autre.example", "https://autre.example", "https://centre.example.autre.example",
     "did:web:centre.example:filiale", "http://centre.example", "did:web:centre.example%3A8443"],
)  # fmt: skip
def test_another_issuer_than_the_certificates(iss):
    """Who holds a host does not speak for whoever stands under a path or port of it."""
    refused("x509.other_issuer", token(certified(), iss=iss))


def test_a_host_name_in_a_certificate_is_no_pattern():
    refused("x509.other_issuer", token(certified(hosts=("*.example",), uris=())))


def test_a_chain_of_an_authority_that_nobody_knows():
    stranger = Authority.create("Autorité fictive", NOW)
    chain = certified(authority=stranger)
    refused("x509.untrusted", token(chain))
    refused("x509.untrusted", token(chain), anchors=())
    by_kid = verify(token(chain, kid=SIGNER.verification_method), LISTED)
    assert (by_kid.controller, by_kid.organisation) == (DID, None), "found by its DID instead"


def test_a_chain_that_vouches_for_itself_is_refused_whatever_else_there_is():
    alone = Authority.create("x", NOW)
    for text in (
        token(Chain((alone.certificate,))),
        token(Chain((alone.certificate,)), kid=SIGNER.verification_method),
    ):
        refused("x509.self_signed", text, keys=LISTED)


def test_a_chain_that_brings_its_anchor_is_refused():
    chain = Chain((*certified().certificates, AUTHORITY.certificate))
    refused("x509.anchor_sent", token(chain))
    refused("x509.anchor_sent", token(chain, kid=SIGNER.verification_method), keys=LISTED)


@pytest.mark.parametrize("days", [-2, 366])
def test_a_certificate_counts_in_its_time_only(days):
    refused("x509.untrusted", token(certified()), now=NOW + dt.timedelta(days=days))


def test_the_key_of_the_certificate_is_the_one_that_signed():
    other = LocalSigner.generate("P-256")
    with pytest.raises(ProofVerificationError):
        verify(token(certified(), signer=other))
    with pytest.raises(ProofVerificationError):
        verify(token(certified(signer=other)))


def test_what_the_issuer_says_of_its_key_counts_as_well():
    stolen = VerificationKey(
        SIGNER.public_key, SIGNER.verification_method, DID, Revocation("compromised", NOW)
    )
    found = verify(token(certified(), kid=SIGNER.verification_method), Published(stolen))
    assert found.revoked == stolen.revoked
    assert found.organisation == ORGANISATION
    other = VerificationKey(LocalSigner.generate("P-256").public_key, SIGNER.verification_method, DID)
    refused(
        "sdjwt.issuer_key_mismatch", token(certified(), kid=SIGNER.verification_method), keys=Published(other)
    )
    refused("source.offline", token(certified(), kid=SIGNER.verification_method))


def test_without_kid_nobody_else_is_asked():
    keys = Published()
    verify(token(certified()), keys)
    assert keys.asked == []


@pytest.mark.parametrize("chain", [None, "MII", [], ["MII"], [None], {}, ["%%"], [["a"]]])
def test_what_is_no_chain(chain):
    text = jws.sign({"typ": "dc+sd-jwt", "x5c": chain}, {"vct": "x", "iss": DID}, SIGNER) + "~"
    with pytest.raises(MalformedValueError) as refusal:
        verify(text)
    assert refusal.value.code == "x509.malformed"


def test_other_tokens_have_no_chains():
    """What was decided for SD-JWT VCs is not lent to tokens of other types."""
    chain = certified()
    text = jws.sign({"typ": "vc+sd-jwt", "x5c": chain.x5c}, {"iss": DID}, SIGNER) + "~"
    with pytest.raises(ProofVerificationError) as refusal:
        sd_jwt.verify(text, Published(), now=NOW, holder=None, typ={"vc+sd-jwt"}, anchors=ANCHORS)
    assert refusal.value.code == "jose.x5c_unsupported"


def test_what_we_issue_carries_both_names():
    text = sd_jwt.issue({"vct": "x", "iss": DID}, [], SIGNER, header={"x5c": certified().x5c})
    assert verify(text, LISTED).organisation == ORGANISATION
    assert verify(text, LISTED, anchors=()).organisation is None
    with pytest.raises(ProofVerificationError):
        sd_jwt.issue({"vct": "x", "iss": DID}, [], SIGNER, header={"x5c": certified(uris=(), hosts=()).x5c})
