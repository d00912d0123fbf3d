"""A town of made-up people and organisations, for whoever tries the services on an empty home.

Everything is made by the commands that anybody may type; an open offer and a code to verify are left over.
"""

import contextlib
import io
import os
import secrets
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Final

from boundary import strict_json
from boundary.shape import a_list, a_text, an_object
from boundary.strict_json import JsonValue
from passeport import cli
from passeport.serve.settings import Service
from problems import InputError

_SECRETS: Final = ("PASSEPORT_PASSPHRASE", "PASSEPORT_WALLET_PASSPHRASE")
_ORGANISATIONS: Final = (
    ("trois-fontaines", "certificateur.example", "Centre des Trois-Fontaines (organisme fictif)"),
    ("valmorin", "academie.example", "Académie de Valmorin (académie fictive)"),
    ("menuiserie", "employeur.example", "Menuiserie Imaginaire SAS (entreprise fictive)"),
)
_KEPT: Final = ("TITRE-2026-001", "CLES-2026-001")
_OFFERED: Final = "BTS-2024-001"


@dataclass(frozen=True)
class Sample:
    """What a newcomer needs: an offer to take up, a picture to verify, the passphrase of all that; ``fresh``
    when it was made now, and nobody knows it yet."""

    offer: str
    share: Path
    passphrase: str
    fresh: bool


def furnish(settings: Service) -> Sample | None:
    """Furnish an empty home; return None when it is not empty, and is left as it is.

    The passphrase is that of the environment, or a new one, which is then set there for the services.
    Raises InputError ``service.sample_public`` for a service that others can reach.
    """
    if not settings.development:
        raise InputError("service.sample_public")
    if any((settings.home / name).exists() for name in ("issuers", "wallet.db")):
        return None
    given = os.environ.get(_SECRETS[0])
    passphrase = given or secrets.token_urlsafe(12)
    os.environ.update({name: os.environ.get(name) or passphrase for name in _SECRETS})
    os.environ["PASSEPORT_HOME"] = str(settings.home)
    folder = settings.home / "sample"
    folder.mkdir(parents=True)
    for name in ("accrochage.xml", "diplomes.csv"):
        (folder / name).write_bytes(files("passeport").joinpath("samples", name).read_bytes())
    _organisations_and_wallet(folder)
    return Sample(_offer(folder, settings.public_url), _share(folder), passphrase, not given)


def _organisations_and_wallet(folder: Path) -> None:
    for name, host, organisation in _ORGANISATIONS:
        _play("keys", "create", name, "--did", f"did:web:{host}", "--org", organisation)
    _play("wallet", "create")
    holders = folder / "titulaires.csv"
    keys = (a_text(an_object(_asked("wallet", "key", name), "key")["key"], "key") for name in _KEPT)
    holders.write_text("".join(f"{name};{key}\n" for name, key in zip(_KEPT, keys, strict=True)), "utf-8")
    how = ("--issuer", "trois-fontaines", "--out", str(folder), "--holders", str(holders), "--skip-errors")
    _play("issue", str(folder / "accrochage.xml"), *how)
    _play("wallet", "add", *(str(path) for name in _KEPT for path in folder.glob(f"{name}-*.sd-jwt")))


def _offer(folder: Path, url: str) -> str:
    how = ("--issuer", "valmorin", "--reference", _OFFERED, "--to", "link", "--public-url", url)
    [made] = a_list(_asked("offer", str(_sound_rows(folder)), *how), "offers")
    return a_text(an_object(made, "offer")["link"], "link")


def _sound_rows(folder: Path) -> Path:
    """Return the sample file without the rows that are there to be refused."""
    head, *rows = (folder / "diplomes.csv").read_text("utf-8").splitlines()
    sound = folder / "a-proposer.csv"
    sound.write_text("\n".join([head, *(row for row in rows if _OFFERED in row), ""]), "utf-8")
    return sound


def _share(folder: Path) -> Path:
    shelf = [an_object(held, "held") for held in a_list(_asked("wallet", "list"), "list")]
    picture = folder / "partage.png"
    _play("wallet", "present", "--show", a_text(shelf[0]["id"], "id"), "--qr", str(picture))
    return picture


def _asked(*arguments: str) -> JsonValue:
    return strict_json.read(_play(*arguments, "--json"))


def _play(*arguments: str) -> str:
    """Run a command of ours unseen, and return what it said; what is wrong it says on standard error."""
    with contextlib.redirect_stdout(io.StringIO()) as said:
        status = cli.run(arguments)
    if status:
        raise InputError("service.sample_failed", command=" ".join(arguments[:2]))
    return said.getvalue()
