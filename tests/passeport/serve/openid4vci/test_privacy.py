"""What an issuer gives twenty times has nothing in common by which two who see it could compare notes."""

import hashlib
import itertools
import json
from dataclasses import replace

import pytest

from boundary import base64url
from exchange.openid4vci.messages import CredentialRequest
from keys.local import LocalSigner

COPIES = 20
DAY = 86_400


def decoded(part):
    return json.loads(base64url.decode(part))


@pytest.fixture
def copies(certifier):
    """Twenty copies of one award, as SD-JWT VC, each for a key of its own, in two batches."""
    taker = certifier.wallet().take_up(certifier.read(certifier.offer()))
    given = []
    for _ in range(2):
        batch = replace(taker, holders=tuple(LocalSigner.generate("P-256") for _ in range(COPIES // 2)))
        answer = batch.ask(CredentialRequest("diploma.sd-jwt", proofs=batch.proofs()))
        assert answer.status_code == 200, answer.text
        given += [entry["credential"] for entry in answer.json()["credentials"]]
    assert len(given) == COPIES
    return given


def told(copy):
    """Return what is there of a copy: claims, signature, disclosures with their salts, digests."""
    token, *disclosures = copy.rstrip("~").split("~")
    _, payload, signature = token.split(".")
    return decoded(payload), signature, [decoded(one) for one in disclosures], disclosures


def test_twenty_copies_share_nothing_of_their_own(copies):
    """PV-004: salts, digests, keys, signatures, places, names."""
    seen = []
    for copy in copies:
        claims, signature, opened, disclosures = told(copy)
        digests = {base64url.encode(hashlib.sha256(one.encode()).digest()) for one in disclosures}
        salts = {one[0] for one in opened}
        place = claims["status"]["status_list"]["idx"]
        own = {claims["jti"]} if "jti" in claims else set()
        seen.append(digests | salts | {signature, json.dumps(claims["cnf"]), f"place {place}"} | own)
        assert len(salts) == len(opened), "no salt twice in one"
    for one, other in itertools.combinations(seen, 2):
        assert not one & other


def test_places_of_copies_are_no_row(copies):
    """PV-004: by chance among 131,072, so that neighbours tell nothing."""
    places = [told(copy)[0]["status"]["status_list"]["idx"] for copy in copies]
    assert sum(abs(one - other) == 1 for one, other in itertools.pairwise(places)) <= 1
    assert places not in (sorted(places), sorted(places, reverse=True))


def test_times_are_those_of_a_whole_day(copies):
    """PV-004: the second at which copies were made would say that they were made together."""
    for copy in copies:
        claims, *_ = told(copy)
        assert {claims[name] % DAY for name in ("iat", "nbf", "exp") if name in claims} <= {0}


def test_issuer_list_type_and_key_are_those_of_everybody(certifier, copies):
    """PV-007: one issuer, one list for 131,072, one type, one key, whoever it is for."""
    other = certifier.wallet().take_up(certifier.read(certifier.offer("R-78")))
    copies.append(other.fetch().json()["credentials"][0]["credential"])
    common = set()
    for copy in copies:
        claims, *_ = told(copy)
        header = decoded(copy.partition(".")[0])
        common.add((claims["iss"], claims["status"]["status_list"]["uri"], claims["vct"], header["kid"]))
    assert len(common) == 1
