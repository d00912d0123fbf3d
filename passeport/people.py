"""Accounts, members and access keys of one home: what a service and the command line both do with them.

Each act stands in the audit log before it is done; when it cannot be written there, it is not done.
"""

import datetime as dt
import os
import re
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from boundary import base64url
from boundary.roles import MACHINE_ROLES, Role
from keys import passphrase as passphrases
from keys.sealing import STRONG, Cost
from problems import AuthenticationError, InputError, NotFoundError, SecretError
from storage.accounts import Account, AccountStore, SessionStore
from storage.audit import AuditLog, Event
from storage.organisations import KEY_PREFIX, SHOWN, ApiKey, MemberStore
from storage.sqlite.accounts import SqliteAccounts, SqliteSessions
from storage.sqlite.audit import SqliteAudit
from storage.sqlite.organisations import SqliteMembers

CONSOLE: Final = "console"
"""Who acts at the command line of the machine itself."""
_LOGIN: Final = re.compile(r"[a-z0-9][a-z0-9._-]{1,59}")
_SECRET_BYTES: Final = 32


def folder(home: Path) -> Path:
    """Return where the databases of the service stand."""
    return home / "service"


@contextmanager
def written(audit: AuditLog, event: Event, now: Callable[[], dt.datetime]) -> Iterator[None]:
    """Do inside what ``event`` says; it is written down as started before, and as done or failed after.

    Raises UnavailableError, before anything is done, when it cannot be written.
    """
    audit.record(replace(event, outcome="started"), now())
    try:
        yield
    except BaseException:
        audit.record(replace(event, outcome="failed"), now())
        raise
    audit.record(replace(event, outcome="done"), now())


@dataclass(frozen=True)
class People:
    """``by`` is always who acts: an account, or :data:`CONSOLE`."""

    accounts: AccountStore
    sessions: SessionStore
    members: MemberStore
    audit: AuditLog
    now: Callable[[], dt.datetime]
    cost: Cost = STRONG
    random: Callable[[int], bytes] = os.urandom

    def create_account(self, by: str, login: str, passphrase: str) -> Account:
        """Raises InputError, SecretError, ConflictError ``account.exists``."""
        if not _LOGIN.fullmatch(login):
            raise InputError("account.login")
        kept = passphrases.hashed(passphrase, cost=self.cost)
        return self._added(by, Account(_new_id("a"), login, kept))

    def account_of(self, issuer: str, subject: str) -> Account:
        """Return the account that a provider knows as ``subject``, made when there is none yet.

        It may do nothing before an administrator gives it a role. Raises AuthenticationError when it is
        disabled.
        """
        found = self.accounts.of_subject(issuer, subject)
        if found is None:
            found = self._added("provider", Account(_new_id("a"), issuer=issuer, subject=subject))
        if found.disabled:
            raise AuthenticationError("account.refused")
        return found

    def sign_in(self, login: str, passphrase: str) -> Account:
        """Raises AuthenticationError, the same for every reason, and RateError after too many tries.

        Whether there is such an account changes neither what is answered nor what is computed and written.
        """
        account = self.accounts.guess(login[:60], self.now())
        kept = account.kept if account and account.kept else passphrases.nobodys(self.cost)
        try:
            passphrases.check(passphrase, kept)
        except SecretError:
            self._note_refusal(account)
            raise AuthenticationError("account.refused") from None
        if account is None:
            raise AuthenticationError("account.refused")
        self.accounts.guessed(login[:60])
        return account

    def open_session(self, account: Account, old: str | None = None) -> str:
        """Return the secret of a new session; the one that the browser came with ends (session fixation)."""
        self.audit.record(Event(account.id, "session.open"), self.now())
        secret = base64url.encode(self.random(_SECRET_BYTES))
        self.sessions.open(secret, account.id, self.now())
        if old:
            self.sessions.end(old)
        return secret

    def disable(self, by: str, account_id: str) -> None:
        self._known(account_id)
        with written(self.audit, Event(by, "account.disable", account_id), self.now):
            self.accounts.disable(account_id)

    def set_roles(self, by: str, organisation: str, account_id: str, roles: frozenset[Role]) -> None:
        """Raises NotFoundError for an unknown account, ConflictError for the last administrator."""
        self._known(account_id)
        what = f"member.roles:{'/'.join(sorted(roles)) or 'none'}"
        with written(self.audit, Event(by, what, account_id, organisation), self.now):
            self.members.set_roles(organisation, account_id, roles)

    def make_key(
        self, by: str, organisation: str, roles: frozenset[Role], life: dt.timedelta
    ) -> tuple[ApiKey, str]:
        """Return a new key and its secret, which nobody can be shown again. Raises InputError."""
        if not roles or not roles <= MACHINE_ROLES:
            raise InputError("access.key_role", known=", ".join(sorted(MACHINE_ROLES)))
        secret = KEY_PREFIX + base64url.encode(self.random(_SECRET_BYTES))
        key = ApiKey(_new_id("k"), organisation, secret[:SHOWN], roles, by, self.now() + life)
        with written(self.audit, Event(by, "api_key.create", key.id, organisation), self.now):
            self.members.add_key(key, secret, self.now())
        return key, secret

    def revoke_key(self, by: str, organisation: str, key_id: str) -> None:
        """Raises NotFoundError."""
        if all(key.id != key_id or key.revoked for key in self.members.keys(organisation)):
            raise NotFoundError("access.not_found")
        with written(self.audit, Event(by, "api_key.revoke", key_id, organisation), self.now):
            self.members.revoke_key(organisation, key_id)

    def _added(self, by: str, account: Account) -> Account:
        with written(self.audit, Event(by, "account.create", account.id), self.now):
            self.accounts.add(account, self.now())
        return account

    def _note_refusal(self, account: Account | None) -> None:
        """Nobody's tries are not written down: anyone could fill the log with them. The log is asked whether
        it could take one, which is written, and takes, the same."""
        if account is None:
            self.audit.ready(self.now())
        else:
            self.audit.record(Event(account.id, "session.open", outcome="refused"), self.now())

    def _known(self, account_id: str) -> Account:
        found = self.accounts.find(account_id)
        if found is None:
            raise NotFoundError("account.unknown")
        return found


@contextmanager
def at_home(home: Path, now: Callable[[], dt.datetime], cost: Cost = STRONG) -> Iterator[People]:
    """Give the people of ``home``; their stores are closed afterwards."""
    place = folder(home)
    accounts, sessions = SqliteAccounts(place / "accounts.db"), SqliteSessions(place / "accounts.db")
    members, audit = SqliteMembers(place / "organisations.db"), SqliteAudit(place / "audit.db")
    try:
        yield People(accounts, sessions, members, audit, now, cost)
    finally:
        for store in (audit, members, sessions, accounts):
            store.close()


def _new_id(kind: str) -> str:
    return f"{kind}-{uuid.uuid4().hex}"
