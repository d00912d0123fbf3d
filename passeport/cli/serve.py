"""``passeport serve``: the services over HTTP, in the foreground."""

from pathlib import Path
from typing import Annotated, Any

import typer
from pydantic import SecretStr, ValidationError

from passeport.cli.session import Session, session
from passeport.cli.session import help_text as _
from passeport.serve.settings import RoleName, Service
from problems import InputError


def register(app: typer.Typer) -> None:
    app.command("serve", help=_("help.serve"))(serve)


def serve(
    role: Annotated[RoleName | None, typer.Option(help=_("help.role"))] = None,
    host: Annotated[str | None, typer.Option(help=_("help.host"))] = None,
    port: Annotated[int | None, typer.Option(help=_("help.port"))] = None,
    public_url: Annotated[str | None, typer.Option(help=_("help.public_url"))] = None,
    workers: Annotated[int | None, typer.Option(help=_("help.workers"))] = None,
    tls_certificate: Annotated[Path | None, typer.Option(help=_("help.tls_certificate"))] = None,
    tls_key: Annotated[Path | None, typer.Option(help=_("help.tls_key"))] = None,
    sample: Annotated[bool, typer.Option("--sample", help=_("help.sample"))] = False,
) -> None:
    from passeport.serve.run import run  # the web framework, which no other command needs

    here = session(json=False)
    said = {
        "role": role, "host": host, "port": port, "public_url": public_url, "workers": workers,
        "tls_certificate": tls_certificate, "tls_key": tls_key,
    }  # fmt: skip
    settings = settings_of({name: value for name, value in said.items() if value is not None})
    if sample:
        settings = _with_sample(settings, here)
    here.err.print(here.word("serve.at", url=settings.public_url, role=settings.role))
    run(settings)


def _with_sample(settings: Service, here: Session) -> Service:
    """Furnish an empty home, and say where to click; return the settings with the passphrase of its keys."""
    from passeport.serve.sample import furnish

    made = furnish(settings)
    url = settings.public_url
    here.err.print(here.word("serve.addresses", page=f"{url}/v", api=f"{url}/openapi.json"), soft_wrap=True)
    if made is None:
        return settings
    told = {
        "offer": made.offer,
        "share": str(made.share),
        "passphrase": made.passphrase if made.fresh else "********",
    }
    here.err.print(here.word("serve.sample", **told), soft_wrap=True)
    return settings.model_copy(update={"passphrase": SecretStr(made.passphrase)})


def settings_of(said: dict[str, Any]) -> Service:
    """Return the settings of a service, with what was said here; raise InputError ``service.settings``."""
    try:
        return Service(**said)
    except ValidationError as error:
        name = str(error.errors()[0]["loc"][0]) if error.errors()[0]["loc"] else "-"
        raise InputError("service.settings", name=name[:40]) from None
