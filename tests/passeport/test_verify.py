"""``passeport verify``, ``ask`` and ``scan``: the recruiter's side, for people and for programs."""

import io

import pytest
import qrcode
from PIL import Image


@pytest.fixture
def shared(furnished):
    """Presents the diploma, to whoever asks or to any bearer; returns the file."""

    def share(*words: str, form: str = "sd-jwt"):
        out = furnished.path(f"shared-{len(list(furnished.home.parent.glob('shared-*')))}")
        furnished(
            "wallet", "present", "--show", furnished.held("R-2", form) + ":family_name", *words, "--out", out
        )
        return out

    return share


# asking


def test_a_question_is_a_nonce_that_no_one_can_guess(furnished) -> None:
    asked = [furnished("ask", "--audience", "https://r.example", "--json").json for _ in range(3)]
    assert {question["audience"] for question in asked} == {"https://r.example"}
    assert len({question["nonce"] for question in asked}) == 3
    assert all(len(question["nonce"]) >= 22 for question in asked)


def test_the_nonce_alone_is_on_standard_output(furnished) -> None:
    """So that a shell can take it: NONCE=$(passeport ask …)."""
    said = furnished("ask", "--audience", "https://r.example")
    assert len(said.out.strip()) >= 22
    assert "\n" not in said.out.strip()
    assert "cinq minutes" in said.err


@pytest.mark.parametrize("form", ["sd-jwt", "json"])
def test_an_answer_counts_once(furnished, shared, form: str) -> None:
    question = furnished("ask", "--audience", "https://r.example", "--json").json
    words = ["--audience", question["audience"], "--nonce", question["nonce"]]
    answer = shared(*words, form=form)
    assert furnished("verify", answer, *words, "--json", ends=0).json["verified"]
    replayed = furnished("verify", answer, *words, "--json", ends=1).json
    assert "holder.replayed" in str(replayed)


@pytest.mark.parametrize("form", ["sd-jwt", "json"])
def test_a_wrong_answer_does_not_use_the_question_up(furnished, shared, form: str) -> None:
    question = furnished("ask", "--audience", "https://r.example", "--json").json
    words = ["--audience", question["audience"], "--nonce", question["nonce"]]
    furnished("verify", shared("--audience", "https://r.example", "--nonce", "autre"), *words, ends=1)
    furnished("verify", shared(), *words, ends=1)
    furnished("verify", shared(*words, form=form), *words, ends=0)


@pytest.mark.parametrize("form", ["sd-jwt", "json"])
@pytest.mark.parametrize(
    "asked",
    [("https://other.example", "n"), ("https://r.example", "m"), ("https://r.example/", "n"), None],
    ids=["another-audience", "another-nonce", "nearly-the-audience", "nobody-asked"],
)
def test_an_answer_to_another_question_is_not_verified(furnished, shared, form: str, asked) -> None:
    answer = shared("--audience", "https://r.example", "--nonce", "n", form=form)
    words = ["--audience", asked[0], "--nonce", asked[1]] if asked else []
    furnished("verify", answer, *words, ends=1)


@pytest.mark.parametrize("form", ["sd-jwt", "json"])
def test_a_bearer_share_answers_no_question(furnished, shared, form: str) -> None:
    furnished("verify", shared(form=form), "--audience", "https://r.example", "--nonce", "n", ends=1)


# where it comes from


@pytest.mark.parametrize("form", ["sd-jwt", "json"])
def test_a_file_and_standard_input_are_read_alike(furnished, shared, form: str) -> None:
    file = shared(form=form)
    one = furnished("verify", file, "--json").json
    two = furnished("verify", "-", "--json", stdin=file.read_bytes()).json
    assert {**one, "at": None} == {**two, "at": None}
    assert furnished("verify", "-", stdin=b"\n " + file.read_bytes() + b"\r\n")


def test_a_picture_and_the_text_of_its_code_are_read_alike(furnished) -> None:
    picture = furnished.path("code.png")
    choice = furnished.held("R-2") + ":family_name"
    told = furnished("wallet", "present", "--show", choice, "--qr", picture, "--json").json
    assert furnished("verify", picture, "--json").json["verified"]
    assert furnished("verify", "-", "--json", stdin=told["qr"]["text"].encode()).json["verified"]
    turned = io.BytesIO()
    with Image.open(picture) as image:
        image.convert("RGB").rotate(90).save(turned, "JPEG", quality=90)
    assert furnished("verify", "-", "--json", stdin=turned.getvalue()).json["verified"]


# at another time, without the lists, without the keys


def test_a_share_ends(furnished, shared) -> None:
    for form in ("sd-jwt", "json"):
        file = shared("--days", "1", form=form)
        furnished("verify", file, ends=0)
        furnished("verify", file, "--at", "2199-01-01", ends=1)


@pytest.mark.parametrize(
    "at", ["hier", "2026-13-01", "0001-01-01T00:00:00+23:59", "9999-12-31T23:59:59-23:59", ""]
)
def test_a_time_that_is_none_is_refused(furnished, shared, at: str) -> None:
    furnished.refused("cli.time", "verify", shared(), "--at", at)


def test_without_the_published_folder_nothing_is_known_and_nothing_is_failed(furnished, shared) -> None:
    file = shared()
    elsewhere = type(furnished)(furnished.path("elsewhere"))
    told = elsewhere("verify", file, "--json", ends=1).json
    assert told["verdict"] == "cannot_check"
    outcomes = {step["outcome"] for line in told["credentials"] for step in line["steps"]}
    assert "failed" not in outcomes
    assert "unknown" in outcomes
    assert elsewhere("verify", file, "--pinned", furnished.home / "web", "--json").json["verified"]


def test_a_list_that_is_gone_is_unknown(furnished, shared) -> None:
    file = shared()
    (furnished.home / "web" / "certificateur.example" / "status" / "token" / "1").unlink()
    told = furnished("verify", file, "--json", ends=1).json
    [step] = [step for line in told["credentials"] for step in line["steps"] if step["step"] == "status"]
    assert step["outcome"] == "unknown"
    assert told["verdict"] == "cannot_check"


# what is said


def test_programs_get_every_step_with_its_code_and_its_sentences(furnished, shared) -> None:
    for lang in ("fr", "en"):
        told = furnished("verify", shared(), "--json", "--lang", lang).json
        [line] = told["credentials"]
        names = [step["step"] for step in line["steps"]]
        assert len(names) == len(set(names))
        assert {"integrity", "issuer_key", "dates", "status", "holder", "schema"} <= set(names)
        for step in line["steps"]:
            assert step["code"]
            assert step["sentence"]
        assert line["shown"]["issuer"] == {"id": "did:web:certificateur.example", "name": "Centre (fictif)"}
        assert [item["id"] for item in line["shown"]["items"] if item["id"] == "family_name"]


def test_people_get_a_verdict_first_and_all_of_it_on_request(furnished, shared) -> None:
    file = shared()
    brief, full = furnished("verify", file).out, furnished("verify", file, "--details").out
    assert "Authentique" in brief.splitlines()[1]
    assert "EXEMPLE-DÉMONSTRATION" in brief
    assert len(full) > len(brief)


def test_proof_only_looks_at_nothing_else(furnished, shared) -> None:
    file = shared(form="json")
    furnished("revoke", "R-2", "--issuer", "centre", "--reason", "x")
    furnished("verify", file, ends=1)
    assert furnished("verify", file, "--proof-only", ends=0)


# several codes, PDF pages


def _pages(*pages) -> bytes:
    """Return a PDF of A4 pages, each with the pictures that it shows below one another."""
    drawn = []
    for pictures in pages:
        page = Image.new("L", (1240, 1754), 255)
        for number, picture in enumerate(pictures):
            with Image.open(picture) as code:
                page.paste(code.convert("L").resize((500, 500)), (80, 60 + 560 * number))
        drawn.append(page)
    written = io.BytesIO()
    drawn[0].save(written, "PDF", resolution=150, save_all=True, append_images=drawn[1:])
    return written.getvalue()


@pytest.fixture
def codes(furnished):
    """Two shares as pictures, and the link of a web site."""
    for name, reference in (("one", "R-1"), ("two", "R-2")):
        picture = furnished.path(f"{name}.png")
        furnished("wallet", "present", "--show", furnished.held(reference), "--qr", picture)
    qrcode.make("https://www.example.org/menu", border=4).save(furnished.path("menu.png"))
    return [furnished.path(f"{name}.png") for name in ("one", "two", "menu")]


def test_a_cv_with_a_code_on_its_second_page_is_verified(furnished, codes) -> None:
    one, _, menu = codes
    cv = furnished.write("cv.pdf", _pages([menu], [one]))
    told = furnished("verify", cv, "--json").json
    assert (told["verified"], told["page"]) == (True, 2)
    said = furnished("verify", cv, "--lang", "fr").out
    assert said.startswith("Page 2 ")
    assert "qui ne sont pas d'un passeport\u00a0: 1" in said


def test_every_code_of_ours_is_verified_and_one_withdrawn_spoils_the_file(furnished, codes) -> None:
    one, two, _ = codes
    cv = furnished.write("cv.pdf", _pages([one, two]))
    told = furnished("verify", cv, "--json").json
    assert told["verified"]
    assert [document["page"] for document in told["documents"]] == [1, 1]
    furnished("revoke", "R-2", "--issuer", "centre", "--reason", "x")
    told = furnished("verify", cv, "--json", ends=1).json
    assert [document["verified"] for document in told["documents"]] == [True, False]
    said = furnished("verify", cv, ends=1).out
    assert "Document 1 sur 2" in said
    assert "Document 2 sur 2" in said


def test_a_code_that_cannot_be_opened_is_told_beside_one_that_can(furnished, codes) -> None:
    one, *_ = codes
    link = furnished.path("link.png")
    qrcode.make("https://passeport.example/v#Labcdefgh", border=4).save(link)
    cv = furnished.write("cv.pdf", _pages([one, link]))
    first, second = furnished("verify", cv, "--json", ends=1).json["documents"]
    assert first["verified"]
    assert second["problem"]["code"] == "qr.link_not_yet"
    assert "qr.link_not_yet" in furnished("verify", cv, ends=1).out


def test_a_question_expects_one_answer(furnished, codes) -> None:
    cv = furnished.write("cv.pdf", _pages(codes))
    furnished.refused("cli.question_several", "verify", cv, "--audience", "https://r.example", "--nonce", "n")


def test_scan_reads_every_code_of_a_pdf(furnished, codes) -> None:
    cv = furnished.write("cv.pdf", _pages(codes[:1], codes[1:]))
    told = furnished("scan", cv, "--json").json
    assert [code["page"] for code in told] == [1, 2]
    assert furnished("scan", cv).out.split() == [code["payload"] for code in told]


def test_a_pdf_without_a_code_is_no_share(furnished, codes) -> None:
    furnished.refused("pdf.no_code", "verify", furnished.write("cv.pdf", _pages([])))
    furnished.refused("qr.foreign", "verify", furnished.write("cv.pdf", _pages(codes[2:])))
    furnished.refused("pdf.damaged", "verify", furnished.write("cv.pdf", b"%PDF-1.7\n"))
