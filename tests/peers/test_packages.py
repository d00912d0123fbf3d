"""What is installed from the lock is what was pinned, from wherever it is fetched."""

import json

import pytest
from strangers import HERE, Strangers

LOCK = (HERE / "package-lock.json").read_text(encoding="utf-8")
PACKAGES = {name: package for name, package in json.loads(LOCK)["packages"].items() if name}


def test_the_lock_names_no_host_and_no_folder() -> None:
    assert "://" not in LOCK
    assert "resolved" not in LOCK
    assert not any(name.startswith(("/", "..")) for name in PACKAGES)


@pytest.mark.parametrize("name", PACKAGES)
def test_each_package_is_pinned_by_its_digest(name: str) -> None:
    assert PACKAGES[name]["integrity"].startswith("sha512-")


@pytest.mark.node
def test_each_installed_package_is_the_pinned_one(strangers: Strangers) -> None:
    for name, package in PACKAGES.items():
        installed = json.loads((HERE / name / "package.json").read_text(encoding="utf-8"))
        assert installed["version"] == package["version"]
