"""What a member may be in an organisation."""

from typing import Final, Literal, TypeAlias, get_args

from problems import InputError

Role: TypeAlias = Literal[
    "administrator", "key_officer", "template_author", "approver", "operator", "auditor", "support"
]
ROLES: Final[tuple[Role, ...]] = get_args(Role)
MACHINE_ROLES: Final = frozenset[Role]({"key_officer", "template_author", "operator", "auditor", "support"})
"""What an access key may be: no program approves, or says who may do what."""


def read(text: str) -> Role:
    """Return the role of that name; raise InputError."""
    for role in ROLES:
        if text == role:
            return role
    raise InputError("access.no_such_role", known=", ".join(ROLES))
