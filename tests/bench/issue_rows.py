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
from keys.signer import Algorithm
from passeport import issuers, issuing, workers
from passeport.issuers import Issuer, Profile
from passeport.settings import Settings
from passeport.spool import Spool
from skills import register

HEADER = "reference;code;nom;prenoms;date_naissance;date_obtention\n"
LETTERS = str.maketrans("0123456789", "ABCDEFGHIJ")
SIGNATURES = 2_000
PASSPHRASE = "for a benchmark only"


def main(folder: Path, rows: int, form: str, algorithm: Algorithm, processes: int) -> None:
    now = dt.datetime.now(dt.UTC)
    profile = Profile("did:web:certificateur.example", "Centre fictif")
    who = issuers.create(Settings(folder, "fr"), "centre", profile, algorithm, PASSPHRASE, now)
    files = list(tables(folder, rows))
    before, started, spent = raw(algorithm), time.perf_counter(), cpu()
    issued = sum(issue(who, file, form, algorithm, processes, now) for file in files)
    assert issued == rows
    wall, spent = time.perf_counter() - started, cpu() - spent
    one = (before + raw(algorithm)) / 2
    print(json.dumps({"rows": rows, "wall": wall, "cpu": spent, "memory": peak(), "one": one}))


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
    """Write evidently fictional results, as many in a file as one may hold."""
    for number, start in enumerate(range(0, rows, limits.IMPORT_ROWS)):
        path = folder / f"results-{number}.csv"
        with path.open("w", encoding="utf-8") as table:
            table.write(HEADER)
            for row in range(start, min(rows, start + limits.IMPORT_ROWS)):
                name = str(row).translate(LETTERS)
                table.write(f"B-{row};RNCP37674;FICTIF-{name};Camille;29/02/1996;27/03/2026\n")
        yield path


def issue(who: Issuer, file: Path, form: str, algorithm: Algorithm, processes: int, now: dt.datetime) -> int:
    """Examine the file and issue it, as the command does; return how many were issued."""
    asked = workers.Remembered(lambda _: PASSPHRASE)

    def readings() -> Iterator[intake.Reading]:
        return intake.read(file, register=register.builtin(), today=now.date())

    with who.ledger() as ledger, Spool(who.folder) as kept:
        desk = who.desk(algorithm, asked)
        same = workers.SameDesk(who, algorithm, desk.signer.verification_method, asked.given)
        with workers.crew(desk, same, processes) as crew:
            work = issuing.Work(readings, desk, ledger, {}, kept, now, (form,), crew=crew)
            found = work.examine(lambda: None)
            assert not found.refused, found.findings
            return sum(1 for _ in work.issue(lambda _: None))


def cpu() -> float:
    """Return the seconds that this process and its ended children computed."""
    return sum(os.times()[:4])


def peak() -> int:
    """Return the most memory in use at once, in bytes; of the largest worker too."""
    kinds = (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    return max(resource.getrusage(kind).ru_maxrss for kind in kinds) * 1024


if __name__ == "__main__":
    place, count, form, kind, number = sys.argv[1:]
    main(Path(place), int(count), form, kind, int(number))  # type: ignore[arg-type]
