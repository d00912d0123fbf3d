"""How large the offline twins of our examples are: ``python tests/bench/twin_sizes.py`` prints the table."""

import datetime as dt
import json
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT))

from credentials import digests, templates, twin  # noqa: E402
from credentials.facts import facts_sd  # noqa: E402
from credentials.templates import load  # noqa: E402
from exchange import offline, qr  # noqa: E402
from keys.local import LocalSigner  # noqa: E402
from passeport import qr_image  # noqa: E402

NOW = dt.datetime(2026, 11, 21, 8, 0, tzinfo=dt.UTC)
HOST = "passeport.example"
NAMES = (
    "diploma", "certification", "block", "rs-certification", "skill", "training", "prevention-training",
    "prevention-success",
)  # fmt: skip
HEAD = "| example | form | twin bytes | shown bytes | characters of the link | QR version (modules) |"


def lines() -> Iterator[str]:
    """Yield the table in Markdown. Version: error correction L on a screen, M on paper."""
    yield HEAD
    yield "|---|---|---|---|---|---|"
    for name in NAMES:
        for kind in twin.KINDS:
            signed, shown = _made(name, kind)
            text = qr.encode_twin(shown, HOST)
            version = qr_image.version(text)
            side = 17 + 4 * version
            yield f"| {name} | {kind} | {len(signed)} | {len(shown)} | {len(text)} | {version} ({side}) |"


def _made(name: str, kind: twin.TwinKind) -> tuple[bytes, bytes]:
    source = json.loads((ROOT / "tests/credentials/examples" / f"{name}.json").read_text("utf-8"))
    facts = facts_sd(templates.render_sd(load(source["template"]), source["row"]))
    issuer = LocalSigner.from_secret("P-256", b"\x11" * 32, f"{facts.issuer_id}#key-1")
    holder = LocalSigner.from_secret("P-256", b"\x22" * 32)
    facts = replace(facts, holder_key=holder.public_key)
    named: digests.Digests = (("sd-jwt-issuer-jwt", digests.multihash(name.encode())),)
    signed = twin.issue(facts, kind, named, facts.status[0], issuer)
    return signed, offline.paper(signed) if kind == "paper" else offline.screen(signed, holder, NOW)


if __name__ == "__main__":
    print("\n".join(lines()))
