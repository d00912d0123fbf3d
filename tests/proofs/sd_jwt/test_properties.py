"""Whatever is issued and however it is shown, the verifier sees the chosen claims and no others."""

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from boundary import base64url, limits
from problems import Problem
from proofs.sd_jwt import disclosed, issue, parse, present, receive, verify
from proofs.sd_jwt.disclosure import NEVER_DISCLOSED, RESERVED, Path, decode

NAMES = st.text(min_size=1, max_size=6).filter(lambda name: name not in RESERVED | NEVER_DISCLOSED | {"aud"})
SCALARS = (
    st.none()
    | st.booleans()
    | st.integers(-(2**53) + 1, 2**53 - 1)
    | st.floats(-1e9, 1e9, allow_subnormal=False)
    | st.text(max_size=8)
)
VALUES = st.recursive(
    SCALARS,
    lambda children: st.lists(children, max_size=3) | st.dictionaries(NAMES, children, max_size=3),
    max_leaves=12,
)
CLAIMS = st.dictionaries(NAMES, VALUES, min_size=1, max_size=4)


def paths(value: Any, at: Path = ()) -> list[Path]:
    steps: list[Any] = []
    if isinstance(value, dict):
        steps = list(value.items())
    elif isinstance(value, list):
        steps = list(enumerate(value))
    here = [(*at, step) for step, _ in steps]
    return here + [path for step, child in steps for path in paths(child, (*at, step))]


def without(value: Any, hidden: set[Path], at: Path = ()) -> Any:
    """Return ``value`` without what stands at ``hidden``: what an honest verifier should see."""
    if isinstance(value, dict):
        return {
            name: without(child, hidden, (*at, name))
            for name, child in value.items()
            if (*at, name) not in hidden
        }
    if isinstance(value, list):
        return [
            without(child, hidden, (*at, index))
            for index, child in enumerate(value)
            if (*at, index) not in hidden
        ]
    return value


@st.composite
def choices(draw: st.DrawFn) -> tuple[dict[str, Any], list[Path], list[Path]]:
    """Draw claims, what of them is selective, and what of that is shown."""
    claims = draw(CLAIMS)
    selective = draw(st.lists(st.sampled_from(paths(claims)), unique=True))
    shown = draw(st.lists(st.sampled_from(selective), unique=True)) if selective else []
    return claims, selective, shown


@settings(deadline=None)
@given(choices(), st.integers(0, 3))
def test_shown_is_what_was_chosen(parties: Any, chosen: Any, decoys: int) -> None:
    claims, selective, shown = chosen
    text = issue(parties.claims() | claims, selective, parties.issuer, decoys=decoys)
    assert receive(text, parties.keys, now=parties.now).payload == parties.claims() | claims
    assert set(disclosed(parse(text))) == set(selective)

    bound = present(text, shown, parties.binding())
    verified = verify(bound, parties.keys, now=parties.now, holder=parties.expectation())
    needed = {path[:length] for path in shown for length in range(1, len(path) + 1)}
    hidden = set(selective) - needed
    assert verified.payload == parties.claims() | without(claims, hidden)
    assert len(verified.disclosed) == len(set(selective) & needed)


@settings(deadline=None)
@given(choices(), st.uuids())
def test_hidden_values_are_absent_byte_for_byte(parties: Any, chosen: Any, secret: Any) -> None:
    """A value that cannot occur by chance is hidden among the others and looked for in every byte."""
    claims, selective, shown = chosen
    payload = parties.claims() | claims | {"hidden": str(secret)}
    text = issue(payload, [*set(selective) - {("hidden",)}, ("hidden",)], parties.issuer)
    kept = [path for path in shown if path != ("hidden",)]
    bound = parse(present(text, kept, parties.binding()))
    readable = [base64url.decode(part) for part in bound.issuer_jwt.split(".")]
    readable += [base64url.decode(part) for part in str(bound.key_binding).split(".")]
    readable += [repr(decode(encoded)).encode() for encoded in bound.disclosures]
    assert str(secret).encode() not in b"".join([*readable, bound.text.encode()])
    salt = next(d.salt for d in map(decode, parse(text).disclosures) if d.value == str(secret))
    assert salt not in bound.text


DOUBTFUL_NAMES = st.sampled_from([*RESERVED, *NEVER_DISCLOSED, "aud", "a", "\ud800"])
DOUBTFUL = st.recursive(
    st.sampled_from([1, 2**53, -(2**53), 1e16, 1e300, float("nan"), float("inf"), "x", "\udfff", None, True]),
    lambda children: st.lists(children, max_size=3) | st.dictionaries(DOUBTFUL_NAMES, children, max_size=3),
    max_leaves=6,
)


def nested(depth: int) -> Any:
    return [] if depth == 0 else {"a": nested(depth - 1)} if depth % 2 else [nested(depth - 1)]


@settings(deadline=None)
@given(
    st.dictionaries(DOUBTFUL_NAMES, DOUBTFUL, max_size=3),
    st.integers(limits.SD_JWT_DEPTH - 3, limits.SD_JWT_DEPTH + 2) | st.just(0),
    st.data(),
)
def test_what_is_issued_is_accepted(parties: Any, claims: Any, depth: int, data: Any) -> None:
    """Nothing is read again before it is released: the verifier says here whether anything should be."""
    payload = parties.claims() | claims | {"deep": nested(depth)}
    selective = data.draw(st.lists(st.sampled_from(paths(payload)), unique=True, max_size=4))
    try:
        text = issue(payload, selective, parties.issuer)
    except Problem:
        return
    assert receive(text, parties.keys, now=parties.now).payload == payload
