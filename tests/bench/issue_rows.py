"""Issues rows from a file to durable rows of a ledger, and tells what it took. Run by the benchmark, alone.

``issue_rows.py FOLDER ROWS FORM ALGORITHM PROCESSES``
"""

import datetime as dt
import json
import os
import resource
import sys
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from boundary import limits
from issuer import intake
from issuer.bulk import Crew
from issuer.desk import Desk
from keys.signer import Algorithm
from passeport import issuers, issuing, workers
from passeport.issuers import Issuer, Profile
from passeport.settings import Settings
from passeport.spool import Spool
from skills import register
from storage.issuance import Ledger

HEADER = "reference;code;nom;prenoms;date_naissance;date_obtention\n"
LETTERS = str.maketrans("0123456789", "ABCDEFGHIJ")
SIGNATURES = 2_000
PASSPHRASE = "for a benchmark only"


def main(folder: Path, rows: int, form: str, algorithm: Algorithm, processes: int) -> None:
    """Open the desk and issue a few rows first: what a process does once is no part of a row."""
    now = dt.datetime.now(dt.UTC)
    profile = Profile("did:web:certificateur.example", "Centre fictif")
    who = issuers.create(Settings(folder, "fr"), "centre", profile, algorithm, PASSPHRASE, now)
    asked = workers.Remembered(lambda _: PASSPHRASE)
    desk = who.desk(algorithm, asked)
    same = workers.SameDesk(who, algorithm, desk.signer.verification_method, asked.given)
    with who.ledger() as ledger, workers.crew(desk, same, processes) as crew:
        job = partial(issue, who, form, desk, ledger, crew, now)
        job(table(folder / "first.csv", "A", range(200)))
        files = list(tables(folder, rows))
        before, started, spent = raw(algorithm), time.perf_counter(), cpu()
        assert sum(map(job, files)) == rows
        wall, own = time.perf_counter() - started, cpu() - spent
        one = (before + raw(algorithm)) / 2
    ended = cpu(children=True)  # workers count once they have ended
    print(json.dumps({"rows": rows, "wall": wall, "cpu": own + ended, "memory": peak(), "one": one}))


def raw(algorithm: Algorithm) -> float:
    """Return the seconds of one raw signature here and now: the machine may be busier than it was."""
    if algorithm == "Ed25519":
        sign = partial(Ed25519PrivateKey.generate().sign, bytes(64))
    else:
        sign = partial(ec.generate_private_key(ec.SECP256R1()).sign, bytes(64), ec.ECDSA(hashes.SHA256()))
    started = time.process_time()
    for _ in range(SIGNATURES):
        sign()
    return (time.process_time() - started) / SIGNATURES


def tables(folder: Path, rows: int) -> Iterator[Path]:
    """Write results, as many in a file as one may hold."""
    for number, start in enumerate(range(0, rows, limits.IMPORT_ROWS)):
        numbers = range(start, min(rows, start + limits.IMPORT_ROWS))
        yield table(folder / f"results-{number}.csv", "B", numbers)


def table(path: Path, mark: str, numbers: range) -> Path:
    """Write results of evidently fictional people."""
    with path.open("w", encoding="utf-8") as file:
        file.write(HEADER)
        for number in numbers:
            name = str(number).translate(LETTERS)
            file.write(f"{mark}-{number};RNCP37674;FICTIF-{name};Camille;29/02/1996;27/03/2026\n")
    return path


def issue(
    who: Issuer, form: str, desk: Desk, ledger: Ledger, crew: Crew, now: dt.datetime, file: Path
) -> int:
    """Examine the file and issue it, as the command does; return how many were issued."""

    def readings() -> Iterator[intake.Reading]:
        return intake.read(file, register=register.builtin(), today=now.date())

    with Spool[issuing.Judged](who.folder) as kept:
        work = issuing.Work(readings, desk, ledger, {}, kept, now, (form,), crew=crew)
        found = work.examine(lambda: None)
        assert not found.refused, found.findings
        return sum(1 for _ in work.issue(lambda _: None))


def cpu(*, children: bool = False) -> float:
    """Return the seconds that this process computed, or its ended children."""
    return sum(os.times()[2:4] if children else os.times()[:2])


def peak() -> int:
    """Return the most memory in use at once, in bytes; of the largest worker too."""
    kinds = (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    return max(resource.getrusage(kind).ru_maxrss for kind in kinds) * 1024


if __name__ == "__main__":
    place, count, form, kind, number = sys.argv[1:]
    main(Path(place), int(count), form, kind, int(number))  # type: ignore[arg-type]
