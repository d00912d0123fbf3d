"""The table of roles in the documentation is that of the routes; PASSEPORT_WRITE_DOCS=1 writes it anew."""

import os
import re
from pathlib import Path

from boundary.roles import ROLES
from boundary.serving.access import Members, declarations

PAGE = Path(__file__).parents[4] / "docs" / "access.md"
START, END = re.compile(r"<!-- roles:.*?-->\n"), "<!-- /roles -->"


def table(place):
    rows = {}
    for route, [access] in declarations(place.app.routes):
        if isinstance(access, Members):
            for method in route.methods - {"HEAD"}:
                marks = ["●" if role in access.roles else "" for role in ROLES]
                rows[str(route.path), method] = f"| `{method} {route.path}` | {' | '.join(marks)} |"
    head = f"| route | {' | '.join(role.replace('_', ' ') for role in ROLES)} |"
    return "\n".join([head, "|---" * (len(ROLES) + 1) + "|", *(rows[key] for key in sorted(rows))]) + "\n"


def test_the_table_is_that_of_the_routes(place):
    text = PAGE.read_text("utf-8")
    start = START.search(text)
    assert start
    end = text.index(END)
    if os.environ.get("PASSEPORT_WRITE_DOCS"):
        PAGE.write_text(f"{text[: start.end()]}{table(place)}{text[end:]}", "utf-8")
    else:
        assert text[start.end() : end] == table(place)
