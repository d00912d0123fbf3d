"""What is installed is ours alone, and what is depended on is used."""

import ast
import importlib
import re
import tomllib
from collections.abc import Iterator
from functools import cache
from importlib import metadata
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parent.parent
PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
ROOMS = PYPROJECT["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"]
LOCK = (ROOT / "requirements" / "dev.txt").read_text("utf-8")
NAMED_BY_THE_USER = {"cryptography", "pyld", "jwcrypto", "sqlite-utils", "qrcode", "pytest"}
COMMANDS = {
    "coverage": "[tool.coverage",
    "hatchling": "hatchling.build",
    "import-linter": "lint-imports",
    "mypy": "$(BIN)/mypy",
    "pytest-xdist": "-n auto",
    "ruff": "$(BIN)/ruff",
}
NOT_IMPORTED = {
    "python-multipart": "starlette",  # which reads forms with it
    "tzdata": "zoneinfo",  # which has no data of its own on some systems
}
"""What another module asks for when it is there."""


def names(requirements: list[str]) -> set[str]:
    return {canonicalize_name(Requirement(text).name) for text in requirements}


PRODUCT = names(PYPROJECT["project"]["dependencies"])
DEVELOPMENT = names(PYPROJECT["dependency-groups"]["dev"])


@cache
def imported_by(*folders: str) -> dict[str, set[str]]:
    """Return, for each module imported from outside, the files that import it."""
    found: dict[str, set[str]] = {}
    for folder in folders:
        for path in (ROOT / folder).rglob("*.py"):
            for module in _imports(ast.parse(path.read_text("utf-8"))):
                found.setdefault(module, set()).add(str(path.relative_to(ROOT)))
    return found


def _imports(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module.partition(".")[0]


@cache
def modules_of(distribution: str) -> set[str]:
    """Return the modules that a distribution brings; one without any brings those of what it requires."""
    own = {
        module
        for module, providers in metadata.packages_distributions().items()
        if distribution in {canonicalize_name(provider) for provider in providers}
    }
    return own or {module for name in _requires(distribution) for module in modules_of(name)}


@pytest.mark.parametrize("room", ROOMS)
def test_no_other_distribution_ships_a_package_of_ours(room: str) -> None:
    """The names are plain words: in an environment shared with others they could clash."""
    providers = {canonicalize_name(name) for name in metadata.packages_distributions().get(room, [])}
    assert providers <= {"passeport"}
    assert Path(str(importlib.import_module(room).__file__)).is_relative_to(ROOT)


def test_the_rooms_are_listed_alike_everywhere() -> None:
    makefile = re.search(r"^PACKAGES := (.*)$", (ROOT / "Makefile").read_text("utf-8"), re.M)
    assert makefile
    on_disk = {path.parent.name for path in ROOT.glob("*/py.typed")}
    lists = (
        makefile[1].split(),
        PYPROJECT["tool"]["mypy"]["packages"],
        PYPROJECT["tool"]["importlinter"]["root_packages"],
        PYPROJECT["tool"]["coverage"]["run"]["source_pkgs"],
        on_disk,
    )
    assert [set(rooms) for rooms in lists] == [set(ROOMS)] * len(lists)


@pytest.mark.parametrize("distribution", sorted(PRODUCT))
def test_every_dependency_of_the_product_is_used_by_it(distribution: str) -> None:
    imported = imported_by(*ROOMS)
    if distribution in NOT_IMPORTED:
        assert NOT_IMPORTED[distribution] in imported
    else:
        assert modules_of(distribution) & imported.keys()


@pytest.mark.parametrize("distribution", sorted(NAMED_BY_THE_USER))
def test_what_the_user_asked_for_is_used(distribution: str) -> None:
    folders = ["tests"] if distribution == "pytest" else ROOMS
    assert distribution in PRODUCT | DEVELOPMENT
    assert modules_of(distribution) & imported_by(*folders).keys()


@pytest.mark.parametrize("distribution", sorted(DEVELOPMENT))
def test_every_dependency_of_the_developers_is_used_by_them(distribution: str) -> None:
    """Imported by a test, or named by what runs them."""
    tools = "".join((ROOT / name).read_text("utf-8") for name in ("Makefile", "pyproject.toml"))
    tools = tools[: tools.index("[dependency-groups]")] + tools[tools.index("[tool.") :]
    if distribution in COMMANDS:
        assert COMMANDS[distribution] in tools
    elif distribution.startswith("types-"):
        typed = {"jsonschema": "jsonschema", "pyyaml": "yaml"}[distribution.removeprefix("types-")]
        assert typed in imported_by("tests", *ROOMS)
    else:
        assert modules_of(distribution) & imported_by("tests").keys()


def test_the_product_imports_nothing_that_is_not_declared() -> None:
    import sys

    outside = imported_by(*ROOMS).keys() - set(ROOMS) - set(sys.stdlib_module_names)
    assert outside <= {module for distribution in PRODUCT for module in modules_of(distribution)}


@pytest.mark.parametrize("module", ["pyld", "jwcrypto", "qrcode", "zxingcpp", "sqlite_utils"])
def test_what_comes_without_types_or_touches_the_world_is_imported_in_few_places(module: str) -> None:
    rooms = {path.rpartition("/")[0] for path in imported_by(*ROOMS)[module]}
    assert len(rooms) == 1, rooms


def locked() -> dict[str, int]:
    """Return each package of the lock with how many hashes it has."""
    found: dict[str, int] = {}
    for entry in re.split(r"\n(?=[a-z0-9])", LOCK):
        if match := re.match(r"([A-Za-z0-9_.-]+)==", entry):
            found[canonicalize_name(match[1])] = entry.count("--hash=sha256:")
    return found


def test_the_lock_has_a_hash_for_everything_and_no_address() -> None:
    assert len(locked()) > 30
    assert min(locked().values()) >= 1
    assert "://" not in LOCK


def test_the_lock_holds_what_is_needed_and_nothing_else() -> None:
    assert locked().keys() >= PRODUCT | DEVELOPMENT
    needed, waiting = set(), [*PRODUCT, *DEVELOPMENT]
    while waiting:
        name = waiting.pop()
        if name not in needed:
            needed.add(name)
            waiting += _requires(name)
    assert locked().keys() - needed == set()


def _requires(name: str) -> list[str]:
    """Whatever markers and extras say: the lock is for every platform."""
    try:
        found = metadata.requires(name) or []
    except metadata.PackageNotFoundError:  # for another platform
        return []
    return [str(canonicalize_name(Requirement(text).name)) for text in found]


def test_the_program_is_installed_under_its_name() -> None:
    [script] = [
        entry for entry in metadata.entry_points(group="console_scripts") if entry.name == "passeport"
    ]
    assert script.value == "passeport.cli:main"
    assert callable(script.load())
