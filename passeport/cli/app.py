"""The commands, put together. Their help texts are in the language chosen when this is imported."""

import typer

from passeport.cli import endorse, issue, keys, offer, people, receipt, serve, status, verify, wallet
from passeport.cli.session import help_text as _

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    help=_("help.app"),
    context_settings={"max_content_width": 110},
)
app.add_typer(keys.app, name="keys")
app.add_typer(wallet.app, name="wallet")
app.add_typer(receipt.app, name="receipt")
app.add_typer(people.account_app, name="account")
app.add_typer(people.apikey_app, name="apikey")
app.add_typer(people.audit_app, name="audit")
for commands in (issue, offer, status, endorse, verify, serve):
    commands.register(app)
