"""A link holds the key that whoever keeps the share never gets; what is inside is for that link alone."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from boundary import base64url
from exchange import qr, share_link
from exchange.share_link import ShareLink
from problems import InputError, LimitError, ParsingError, ProofVerificationError

LINK = ShareLink("https://passeport.example", base64url.encode(bytes(range(16))), bytes(range(32)))


def test_the_link_says_its_name_and_key_in_the_fragment_only() -> None:
    before, _, fragment = LINK.url.partition("#")
    assert before == "https://passeport.example/v"
    assert share_link.opened(qr.decode(LINK.url)) == LINK
    assert len(LINK.url) < 100
    assert fragment.startswith("L")


def test_the_audience_names_host_and_link() -> None:
    assert LINK.audience == "passeport.example/v/AAECAwQFBgcICQoLDA0ODw"


def test_each_link_has_a_name_and_a_key_of_its_own() -> None:
    one, other = ShareLink.new(LINK.origin), ShareLink.new(LINK.origin)
    assert one.name != other.name
    assert one.key != other.key
    assert share_link.require_name(one.name) == one.name


def test_the_key_is_not_told_by_accident() -> None:
    assert "key" not in repr(LINK)


@given(st.text(min_size=1))
def test_what_is_sealed_is_read_with_the_key_of_the_link(presentation: str) -> None:
    if presentation.encode("utf-8", "ignore").decode() != presentation:
        return
    assert LINK.unseal(LINK.seal(presentation)) == presentation.encode()


def test_another_key_reads_nothing() -> None:
    other = ShareLink(LINK.origin, LINK.name, bytes(32))
    with pytest.raises(ProofVerificationError, match=r"jwe\.changed"):
        other.unseal(LINK.seal("a share"))


@pytest.mark.parametrize("place", [0, 2, 3, 4], ids=["header", "nonce", "ciphertext", "tag"])
def test_what_was_changed_is_not_read(place: int) -> None:
    parts = LINK.seal("a share").split(".")
    first = parts[place][0]
    parts[place] = ("B" if first != "B" else "C") + parts[place][1:]
    with pytest.raises((ProofVerificationError, ParsingError)):
        LINK.unseal(".".join(parts))


@pytest.mark.parametrize(
    "header",
    [
        '{"alg":"dir","enc":"A128GCM"}',
        '{"alg":"dir","enc":"A256GCM","zip":"DEF"}',
        '{"alg":"dir","enc":"A256GCM","crit":["exp"]}',
        '{"alg":"none","enc":"A256GCM"}',
        '{"alg":"PBES2-HS256+A128KW","enc":"A256GCM","p2c":1000000000}',
    ],
)
def test_another_way_of_encrypting_is_refused(header: str) -> None:
    _, rest = LINK.seal("a share").split(".", 1)
    with pytest.raises(ProofVerificationError, match=r"jwe\.unsupported"):
        LINK.unseal(f"{base64url.encode(header.encode())}.{rest}")


@pytest.mark.parametrize(
    "token", ["", "....", "a.b.c.d.e", "<script>", "a..b.c", "eyJhbGciOiJkaXIifQ..AAAA.A.A"]
)
def test_what_is_no_ciphertext_is_refused(token: str) -> None:
    with pytest.raises(ParsingError):
        LINK.unseal(token)


def test_a_ciphertext_beyond_the_limit_is_refused_before_it_is_read() -> None:
    with pytest.raises(LimitError):
        LINK.unseal("A" * 400_000)


@pytest.mark.parametrize(
    "name", ["", "1", "AAECAwQFBgcICQoLDA0OD", "AAECAwQFBgcICQoLDA0ODx", "../../../../etc/passwd"]
)
def test_a_name_is_128_bits_and_has_one_spelling(name: str) -> None:
    with pytest.raises(InputError, match=r"link\.name"):
        share_link.require_name(name)


@pytest.mark.parametrize("cut", [1, 10, 60])
def test_a_link_that_was_not_copied_whole_is_told(cut: int) -> None:
    with pytest.raises(ParsingError, match=r"link\.damaged"):
        share_link.opened(qr.decode(LINK.url[:-cut]))


def test_a_code_of_another_kind_is_no_link() -> None:
    with pytest.raises(InputError, match=r"link\.other_kind"):
        share_link.opened(qr.decode("https://passeport.example/v#O123"))
