"""``passeport receipt check``: whether a receipt is sound, and whether it is about a file."""

from hashlib import sha256
from pathlib import Path
from typing import Annotated

import typer

from boundary import limits
from keys.dids.resolve import resolver
from passeport import receipts
from passeport.cli.session import Session, read_file, session, web
from passeport.cli.session import help_text as _
from problems import NotFoundError, Problem, ProofVerificationError
from verifier import receipt

app = typer.Typer(no_args_is_help=True, help=_("help.receipt_app"))

Pinned = Annotated[list[Path] | None, typer.Option("--pinned", help=_("help.pinned"))]
Online = Annotated[bool, typer.Option("--online", help=_("help.online"))]
Json = Annotated[bool, typer.Option("--json", help=_("help.json"))]


@app.command(help=_("help.receipt_check"))
def check(
    source: Annotated[Path, typer.Argument(metavar="RECEIPT", help=_("help.receipt_file"))],
    file: Annotated[Path | None, typer.Argument(metavar="[FILE]", help=_("help.receipt_of"))] = None,
    pinned: Pinned = None,
    online: Online = False,
    json: Json = False,
) -> int:
    here, data = session(json=json), read_file(source, limits.RECEIPT_BYTES)
    digest = sha256(read_file(file, limits.IMAGE_BYTES)).hexdigest() if file else None
    keys = resolver(web(pinned, online=online, settings=here.settings))
    try:
        found = receipt.read(data, keys)
        about = found.files(digest)
    except (ProofVerificationError, NotFoundError) as problem:
        return _not_verified(problem, here)
    if json:
        here.machine({"sound": True, "receipt": {**found.content, "files": [*about]}})
    else:
        receipts.show(found, about, here.out, here.lang, named=digest is not None)
    return 0


def _not_verified(problem: Problem, here: Session) -> int:
    """A receipt that was changed, or of another file, is an answer: no."""
    here.refuse(problem, sound=False) if here.json else here.refuse(problem)
    return 1
