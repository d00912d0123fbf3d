"""F10: the bombs of the catalogue at the doors of a service: none takes more than its share, all at once
leave it within 512 MB, none ends it, and whoever comes between two of them is answered."""

import datetime as dt
import gzip
import json
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from pathlib import Path
from typing import Final, TypeAlias
from urllib.parse import urlencode

import pytest

sys.path.append(str(Path(__file__).parents[1] / "walks"))  # tests are no package

import processes
from attacks import documents, files, tokens
from processes import Served

from passeport import issuers
from passeport.issuers import Profile
from passeport.settings import Settings

Sent: TypeAlias = tuple[str, str, bytes]
"""Where to, as what, and the bomb."""
JSON: Final = "application/json"
FORM: Final = "application/x-www-form-urlencoded"
EACH_MEGABYTES: Final = 64
ALL_MEGABYTES: Final = 512
CREDENTIAL: Final = {
    "@context": ["https://www.w3.org/ns/credentials/v2"],
    "type": ["VerifiableCredential"],
    "issuer": "did:key:z6MkhaXgBZDvotDkL5257faiztiGiC2QtKLGpbnnEGta2doK",
    "credentialSubject": {},
}


def verified(credential: object) -> Sent:
    return "/credentials/verify", JSON, json.dumps({"verifiableCredential": credential}).encode()


def subjects(given: object) -> Sent:
    return verified({**CREDENTIAL, "credentialSubject": given})


def raw(credential: bytes) -> Sent:
    return "/credentials/verify", JSON, b'{"verifiableCredential":' + credential + b"}"


def enveloped(token: str) -> Sent:
    url = f"data:application/vc+jwt,{token}"
    context = "https://www.w3.org/ns/credentials/v2"
    return verified({"@context": context, "type": "EnvelopedVerifiableCredential", "id": url})


def checked(text: str) -> Sent:
    return "/v/check", FORM, urlencode({"text": text}).encode()


def uploaded(data: bytes) -> Sent:
    head = b'--b\r\nContent-Disposition: form-data; name="file"; filename="f"\r\n\r\n'
    return "/v/check", "multipart/form-data; boundary=b", head + data + b"\r\n--b--\r\n"


def imported(data: bytes) -> Sent:
    return "/organisations/centre/imports?template=diploma", "application/octet-stream", data


BOMBS: Final[dict[str, Callable[[], Sent]]] = {
    "graph of eight": lambda: verified(documents.ld_clique_vc(8)),
    "deep nest": lambda: raw(b'{"a":' * 90_000 + b"1" + b"}" * 90_000),
    "deep lists": lambda: raw(b"[" * 500_000 + b"]" * 500_000),
    "wide graph": lambda: verified(
        {**CREDENTIAL, "credentialSubject": [{"id": f"urn:x:{n}"} for n in range(30_000)]}
    ),
    "a million nothings": lambda: verified({**CREDENTIAL, "evidence": [[]] * 240_000}),
    "many proofs": lambda: verified({**CREDENTIAL, "proof": [{"type": "DataIntegrityProof"}] * 25_000}),
    "a long number": lambda: raw(b'{"n":' + b"9" * 900_000 + b"}"),
    "a deep token": lambda: enveloped(tokens.j_deep_json(100_000)),
    "a huge header": lambda: enveloped("A" * 900_000 + ".e30.AAAA"),
    "a picture of 60,000 by 60,000": lambda: uploaded(files.png_bomb()),
    "a picture of many parts": lambda: uploaded(files.png_baked_many_chunks(9_000)),
    "an archive in an upload": lambda: uploaded(files.zip_bomb(500)),
    "a gzip in an upload": lambda: uploaded(gzip.compress(bytes(500 << 20))),
    "a code that inflates": lambda: checked(files.qr_deflate_bomb(500)),
    "many disclosures": lambda: checked("a.b.c" + "~WyJhIiwiYiIsImMiXQ" * 40_000 + "~"),
    "an inflating workbook": lambda: imported(files.zip_bomb(500)),
    "a billion laughs": lambda: imported(files.xml_billion_laughs().encode()),
    "one line of 50 MB": lambda: imported(b"reference;nom\n" + b"x" * (50 << 20)),
}


@cache
def bomb(name: str) -> Sent:
    return BOMBS[name]()


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    home = tmp_path_factory.mktemp("home")
    profile = Profile("did:web:centre.example", "Centre (fictif)")
    now = dt.datetime.now(dt.UTC)
    issuers.create(Settings(home, "fr"), "centre", profile, "P-256", processes.SECRET, now)
    with processes.running(home, "all") as found:
        if not Path(f"/proc/{found.process.pid}/clear_refs").exists():
            pytest.skip("this system does not tell the memory of a process")
        honest(found)
        yield found


def megabytes(served: Served, name: str) -> int:
    lines = Path(f"/proc/{served.process.pid}/status").read_text().splitlines()
    [line] = [line for line in lines if line.startswith(name)]
    return int(line.split()[1]) >> 10


def honest(served: Served) -> None:
    assert served.ask("/ready") == (200, b"ready")
    status, said = served.ask(
        "/credentials/verify", "POST", b'{"verifiableCredential": {}}', **{"Content-Type": JSON}
    )
    assert status == 400, said


def thrown(served: Served, name: str) -> int:
    path, kind, body = bomb(name)
    status, said = served.ask(path, "POST", body, **{"Content-Type": kind})
    if status == 202:
        job = f"/organisations/centre/imports/{json.loads(said)['id']}"
        assert processes.within(
            lambda: json.loads(served.ask(job)[1])["state"] in ("failed", "examined", "done")
        )
    return status


@pytest.mark.parametrize("name", BOMBS)
def test_a_bomb_takes_no_more_than_its_share(served: Served, name: str) -> None:
    thrown(served, name)  # what is loaded once is loaded
    before = megabytes(served, "VmRSS")
    Path(f"/proc/{served.process.pid}/clear_refs").write_text("5")  # the peak counts from here
    assert 200 <= thrown(served, name) < 500
    honest(served)
    assert megabytes(served, "VmHWM") - before <= EACH_MEGABYTES


def test_all_of_them_at_once_leave_the_service_within_its_limit(served: Served, full: bool) -> None:
    with ThreadPoolExecutor(8) as pool:
        said = [*pool.map(lambda name: thrown(served, name), [*BOMBS] * (10 if full else 2))]
        honest(served)
    assert all(200 <= status < 500 or status == 503 for status in said), said
    assert megabytes(served, "VmHWM") <= ALL_MEGABYTES
    print(f"peak {megabytes(served, 'VmHWM')} MB, now {megabytes(served, 'VmRSS')} MB")
    assert served.process.poll() is None
