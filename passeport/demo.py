"""``make demo``: the whole walk on sample files, every command shown as a person would type it.

Each step says which exit status it must have; the demonstration fails if one differs.
"""

import contextlib
import io
import os
import shlex
import shutil
import sys
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Final

from rich.console import Console

from boundary import strict_json
from boundary.base64url import decode, encode
from boundary.shape import a_list, a_text, an_object
from boundary.strict_json import Json, JsonValue
from passeport import cli
from passeport.settings import from_environment
from passeport.words import word

SECRET: Final = "phrase secrète de démonstration"  # noqa: S105  (protects made-up people in a throw-away folder)
RECRUITER: Final = "https://recruteur.example"


class Unexpected(Exception):
    """A command of the demonstration ended otherwise than it must."""


@dataclass(frozen=True)
class Stage:
    """Where the demonstration plays: a folder of its own, emptied first."""

    folder: Path
    out: Console

    def title(self, key: str) -> None:
        self.out.print()
        self.out.rule(word(f"demo.{key}", from_environment().lang), style="bold magenta", align="left")

    def run(self, *arguments: str, ends: int = 0, because: str = "") -> None:
        """Show a command, run it, and insist on its exit status and, when it refuses, on the reason."""
        shown = shlex.join(["passeport", *arguments]).replace(f"{self.folder}/", "")
        self.out.print(f"\n$ {shown}", style="bold", markup=False)
        status = cli.run(arguments)
        if status != ends:
            raise Unexpected(f"{shown}: {status} instead of {ends}")
        if because and because not in _codes(self.asked(*arguments)):
            raise Unexpected(f"{shown}: refused for another reason than {because}")

    def asked(self, *arguments: str) -> JsonValue:
        """Run a command that answers programs, unseen, and return its answer."""
        with contextlib.redirect_stdout(io.StringIO()) as answer:
            cli.run([*arguments, "--json"])
        return strict_json.read(answer.getvalue())

    def path(self, name: str) -> str:
        return str(self.folder / name)

    def found(self, pattern: str) -> str:
        return str(next(iter(sorted(self.folder.glob(pattern)))))


def main() -> int:
    """Play the demonstration; return 0 when every step ended as it must."""
    folder = Path(os.environ.get("PASSEPORT_HOME", "var")) / "demo"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    os.environ |= {
        "PASSEPORT_HOME": str(folder),
        "PASSEPORT_PASSPHRASE": SECRET,
        "PASSEPORT_WALLET_PASSPHRASE": SECRET,
    }
    stage = Stage(folder, Console(highlight=False))
    try:
        play(stage)
    except Unexpected as unexpected:
        stage.out.print(f"✘ {unexpected}", style="bold red", markup=False)
        return 1
    return 0


def play(stage: Stage) -> None:
    _organisations(stage)
    _keys(stage)
    _issue(stage)
    _keep(stage)
    _declare_and_countersign(stage)
    _show(stage)
    _refusals(stage)
    stage.title("next")
    stage.out.print(word("demo.try", from_environment().lang, folder=str(stage.folder)), markup=False)


def _organisations(stage: Stage) -> None:
    stage.title("organisations")
    for name, host, organisation in (
        ("trois-fontaines", "certificateur.example", "Centre des Trois-Fontaines (organisme fictif)"),
        ("valmorin", "academie.example", "Académie de Valmorin (académie fictive)"),
        ("menuiserie", "employeur.example", "Menuiserie Imaginaire SAS (entreprise fictive)"),
    ):
        stage.run("keys", "create", name, "--did", f"did:web:{host}", "--org", organisation)


def _keys(stage: Stage) -> None:
    """One key per copy: what is shown of one credential says nothing of another."""
    stage.title("passport")
    stage.run("wallet", "create")
    lines = []
    for reference in ("TITRE-2026-001", "CLES-2026-001", "BTS-2024-001"):
        made = an_object(stage.asked("wallet", "key", reference), "key")
        lines.append(f"{reference};{a_text(made['key'], 'key')}\n")
    Path(stage.path("titulaires.csv")).write_text("".join(lines))


def _issue(stage: Stage) -> None:
    samples = files("passeport").joinpath("samples")
    for name in ("accrochage.xml", "diplomes.csv"):
        Path(stage.path(name)).write_bytes(samples.joinpath(name).read_bytes())
    stage.title("refused")
    first = ["issue", stage.path("accrochage.xml"), "--issuer", "trois-fontaines"]
    out = ["--out", stage.path("delivre"), "--holders", stage.path("titulaires.csv")]
    stage.run(*first, *out, ends=2, because="issue.refused")
    stage.title("issued")
    stage.run(*first, *out, "--skip-errors")
    second = ["issue", stage.path("diplomes.csv"), "--issuer", "valmorin"]
    stage.run(*second, *out, "--skip-errors")


def _keep(stage: Stage) -> None:
    stage.title("kept")
    references = ("TITRE-2026-001", "CLES-2026-001", "BTS-2024-001")
    stage.run("wallet", "add", *(stage.found(f"delivre/{name}-*.sd-jwt") for name in references))


def _declare_and_countersign(stage: Stage) -> None:
    stage.title("countersigned")
    person = ["--given-name", "Camille Fictive", "--family-name", "EXEMPLE-DÉMONSTRATION"]
    stage.run("wallet", "declare", "Tenir un planning partagé", "--level", "3", *person)
    declared = _id(stage, declared=True)
    shared = stage.path("a-confirmer.txt")
    stage.run("wallet", "present", "--show", declared, "--out", shared)
    employer = ["--issuer", "menuiserie", "--skill", "s1", "--comment", "Trois saisons sans faute."]
    stage.run("endorse", shared, *employer, "--out", stage.path("confirmation"))
    stage.run("wallet", "add", stage.found("confirmation/*.sd-jwt"))
    stage.run("wallet", "list")


def _show(stage: Stage) -> None:
    stage.title("shown")
    stage.run("wallet", "present", *_choices(stage), "--qr", stage.path("partage.png"))
    stage.title("verified")
    stage.run("verify", stage.path("partage.png"))


def _refusals(stage: Stage) -> None:
    stage.title("replayed")
    question = an_object(stage.asked("ask", "--audience", RECRUITER), "question")
    asked = ["--audience", RECRUITER, "--nonce", a_text(question["nonce"], "nonce")]
    answer = stage.path("reponse.txt")
    stage.run("wallet", "present", "--show", f"{_id(stage, title='BTS')}:mention", *asked, "--out", answer)
    stage.run("verify", answer, *asked)
    stage.run("verify", answer, *asked, ends=1, because="holder.replayed")

    stage.title("tampered")
    Path(stage.path("modifie.txt")).write_text(_tampered(Path(answer).read_text()))
    stage.run("verify", stage.path("modifie.txt"), *asked, ends=1, because="sdjwt.unreferenced_disclosure")

    stage.title("expired")
    certificate = stage.found("delivre/CLES-2026-001-*.sd-jwt")
    stage.run("verify", certificate, "--at", "2028-04-02", ends=1, because="credential.expired")

    stage.title("revoked")
    stage.run("revoke", "BTS-2024-001", "--issuer", "valmorin", "--reason", "Erreur de jury (démonstration)")
    stage.run("verify", stage.path("partage.png"), ends=1, because="status.revoked")


def _codes(value: JsonValue) -> set[str]:
    """Return every code that an answer gives, wherever it stands."""
    if isinstance(value, list):
        return set().union(*(_codes(item) for item in value))
    if not isinstance(value, dict):
        return set()
    code = value.get("code")
    own = {code} if isinstance(code, str) else set[str]()
    return own.union(*(_codes(member) for member in value.values()))


def _choices(stage: Stage) -> list[str]:
    """Two blocs, the countersigned skill with its confirmation, the diploma's title; no birth date."""
    shelf = [an_object(item, "held") for item in a_list(stage.asked("wallet", "list"), "list")]
    confirmation = next(e for held in shelf for e in a_list(held["endorsements"], "endorsements"))
    chosen = [
        f"{_id(stage, title='Développeur')}:block.0,block.1,family_name",
        _id(stage, title="BTS"),
        _id(stage, declared=True),
        f"{a_text(an_object(confirmation, 'e')['id'], 'id')[:8]}:skill.0",
    ]
    return [argument for choice in chosen for argument in ("--show", choice)]


def _id(stage: Stage, *, declared: bool = False, title: str = "") -> str:
    shelf = [an_object(item, "held") for item in a_list(stage.asked("wallet", "list"), "list")]
    return next(a_text(held["id"], "id")[:8] for held in shelf if _is(held, declared, title))


def _is(held: Json, declared: bool, title: str) -> bool:
    is_sd_jwt = held["form"] == "application/dc+sd-jwt"
    return is_sd_jwt and held["declared"] is declared and a_text(held["title"], "title").startswith(title)


def _tampered(presentation: str) -> str:
    """Return the share with the mention of its one disclosure raised by hand."""
    issuer, disclosure, binding = presentation.split("~")
    honest = decode(disclosure).decode()
    raised = honest.replace("MENTION_BIEN", "MENTION_TRES_BIEN")
    return "~".join([issuer, encode(raised.encode()), binding])


if __name__ == "__main__":
    sys.exit(main())
