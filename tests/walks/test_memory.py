"""Issuing a large file needs no more memory than a small one: rows pass through, and are not kept."""

import subprocess
import sys

import pytest

MEASURE = """
import os, sys
from passeport import cli, issuers, issuing

def resident():
    with open("/proc/self/statm") as status:
        return int(status.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")

class Watch:
    def __init__(self):
        self.calls, self.seen = 0, []

    def __call__(self, function):
        def watched(*arguments):
            self.calls += 1
            if self.calls % 50 == 0:
                self.seen.append(resident())
            return function(*arguments)
        return watched

    def growth(self):
        late = self.seen[len(self.seen) * 2 // 5:]  # what a first batch needs is there by then
        return max(late) - late[0] if late else 0

examined, issued = Watch(), Watch()
issuing.Examination.count = examined(issuing.Examination.count)
issuers.write = issued(issuers.write)
file, out = sys.argv[1:]
cli.run(["issue", file, "--issuer", "centre", "--out", out, "--form", "dc+sd-jwt"])
print(examined.calls, issued.calls, max(examined.growth(), issued.growth()), file=sys.stderr)
"""
KEPT_PER_ROW = 300
"""Marks of references and awards, to find repeats; a credential is twenty times that."""

ALLOWED = 1 << 20

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="memory is measured as Linux counts it")


def _name(number: int) -> str:
    return "FICTIF-" + str(number).translate(str.maketrans("0123456789", "ABCDEFGHIJ"))


def _grown(furnished, count: int, born: str, code: str = "") -> tuple[str, list[int], int]:
    """Issue a table of ``count`` rows; return what was said, how much was watched, and the growth."""
    lines = ["reference;code;nom;prenoms;date_naissance;date_obtention"]
    lines += [f"M-{n};RNCP37674;{_name(n)};Camille;{born};27/03/2026" for n in range(count)]
    table = furnished.write("large.csv", "\n".join(lines) + "\n")
    command = [sys.executable, "-c", code + MEASURE, str(table), str(furnished.path("produced"))]
    done = subprocess.run(command, env=furnished.environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    *_, examined, issued, growth = done.stderr.split()
    return done.stdout, [int(examined), int(issued)], int(growth)


def test_memory_does_not_grow_with_what_is_issued(furnished, full: bool) -> None:
    count = 5_000 if full else 1_200
    said, calls, growth = _grown(furnished, count, "29/02/1996")
    assert f"Délivrées\u00a0: {count}" in said
    assert calls == [count, count]
    assert growth < ALLOWED + KEPT_PER_ROW * count


def test_memory_does_not_grow_with_what_is_refused(furnished, full: bool) -> None:
    """A file in which every row is wrong is as large as any other."""
    count = 100_000 if full else 8_000
    said, calls, growth = _grown(furnished, count, "31/02/1996")
    assert f"lignes en erreur\u00a0: {count}" in said
    assert calls == [count, 0]
    assert growth < ALLOWED + KEPT_PER_ROW * count


KEEP = """
from passeport import issuing
kept, read = [], issuing.Work._order
issuing.Work._order = lambda work, reading: kept.append([reading, "x" * 6000]) or read(work, reading)
"""


def test_this_measure_sees_what_is_kept(furnished) -> None:
    _, _, growth = _grown(furnished, 600, "29/02/1996", KEEP)
    assert growth > ALLOWED + KEPT_PER_ROW * 600
