"""Every case of the catalogue is tested, by tests that exist, or says why it waits."""

import os
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
import yaml

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
AREAS = {
    "admin",
    "control",
    "json",
    "jose",
    "data-integrity",
    "selective-disclosure",
    "sdjwt",
    "keybinding",
    "status",
    "import",
    "oid4vci",
    "oid4vp",
    "privacy",
    "share-qr",
    "network",
    "keys",
    "resource-time",
    "ui",
}


@pytest.fixture(scope="module")
def cases():
    return {case["id"]: case for case in yaml.safe_load((HERE / "cases.yaml").read_text("utf-8"))["cases"]}


@pytest.fixture(scope="module")
def table():
    return tomllib.loads((HERE / "table.toml").read_text("utf-8"))


def test_the_catalogue_is_whole(cases):
    """Each area has its cases, each case what it takes to be tested."""
    assert {case["area"] for case in cases.values()} == AREAS
    for case in cases.values():
        assert {"id", "area", "severity", "title", "surface", "input", "expect"} <= case.keys()
        assert case["expect"]["outcome"] in ("accept", "reject", "neutralise")


def test_the_catalogue_is_the_shared_one(cases, fixtures):
    """No case of these areas was left out on the way into the repository."""
    shared = yaml.safe_load((fixtures / "abuse" / "cases.yaml").read_text("utf-8"))["cases"]
    assert cases == {case["id"]: case for case in shared if case["area"] in AREAS}


def test_every_case_is_in_the_table(cases, table):
    assert table.keys() == cases.keys()


def test_every_case_is_tested_or_says_why_it_waits(table):
    for name, entry in table.items():
        assert entry.keys() <= {"tests", "waits"}, name
        assert entry.get("tests") or entry.get("waits", "").strip(), name
        assert len(entry.get("waits", "x" * 30)) >= 30, f"{name}: give the reason in words"


def test_what_waits_is_little(table):
    """And named here, so that nobody puts a case off in passing."""
    assert {name for name, entry in table.items() if not entry.get("tests")} == {
        "VP-016", "VP-021",
        "KY-007", "PV-005",
    }  # fmt: skip
    assert {name for name, entry in table.items() if "waits" in entry and "tests" in entry} == {
        "KY-001",
        "KY-006",
        "PV-002",
        "PV-003",
        "UI-001",
        "UI-002",
        "UI-005",
    }


def test_every_generator_exists(cases):
    """And gives something."""
    from attacks import addresses, documents, files, pages, tokens

    given = [case["input"] for case in cases.values()]
    inputs = [one for each in given for one in (each if isinstance(each, list) else [each])]
    names = {one["name"] for one in inputs if one["kind"] == "generator"}
    assert all(
        any(hasattr(module, name) for module in (addresses, documents, files, pages, tokens))
        for name in names
    )


def test_every_test_that_is_named_exists(table):
    """Collected for real, with its parameters."""
    named = sorted({test for entry in table.values() for test in entry.get("tests", [])})
    command = [sys.executable, "-m", "pytest", "--collect-only", "-q", "-p", "no:cacheprovider", *named]
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}
    done = subprocess.run(
        command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stdout[-3_000:] + done.stderr[-3_000:]
    collected = done.stdout
    for test in named:
        assert test in collected, f"{test} is named in the table and not collected"
