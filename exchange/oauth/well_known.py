"""Where the metadata of an identifier stand: the well-known part is inserted before the path."""


def inserted(identifier: str, name: str) -> str:
    """Return the address (RFC 8414 §3.1, OpenID4VCI §12.2.2): ``https://host/.well-known/name/path``."""
    scheme, mark, rest = identifier.rstrip("/").partition("://")
    host, slash, path = rest.partition("/")
    return f"{scheme}{mark}{host}/.well-known/{name}{slash}{path}"
