"""Files that a certifier, a holder or a recruiter should not have been given; honest ones right after."""

import csv
import io
import json

import pytest
from attacks import files, minting

from boundary.sources import Mirror
from exchange import qr
from passeport import qr_image
from problems import Problem


@pytest.fixture
def issue(own_house):
    """Give a file to ``issue``; return the answer and the folder that it may write into."""
    number = iter(range(1_000))

    def run(content, name="input.csv", *options, issuer="ecole"):
        out = own_house.home / f"out-{next(number)}"
        path = own_house.file(content, name)
        return own_house.run("issue", path, "--issuer", issuer, "--out", out, "--json", *options), out

    return run


@pytest.fixture
def table(table_of_one):
    """The honest table: its text, to be changed, and how a cell of it is filled otherwise."""
    return table_of_one.read_bytes().decode("utf-8-sig")


def filled(table, **cells):
    """Return the table with these cells of its one row."""
    rows = list(csv.DictReader(io.StringIO(table, newline=""), delimiter=";"))
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, rows[0].keys(), delimiter=";")
    writer.writeheader()
    writer.writerows([{**row, **cells} for row in rows])
    return text.getvalue()


def assert_nothing_issued(answer, out):
    assert answer.status == 2, answer.out
    assert answer.codes, answer
    assert "cli.unexpected" not in answer.out
    assert "Traceback" not in answer.out + answer.err
    assert not list(out.glob("*.sd-jwt")) + list(out.glob("*.json")) or not _credentials(out)


def _credentials(out):
    return [
        path for path in out.iterdir() if path.suffix in (".sd-jwt", ".json") and "report" not in path.name
    ]


def assert_issued(answer, out, count=2):
    assert answer.status == 0, answer.out
    assert len(_credentials(out)) == count


def test_the_honest_table(issue, table):
    assert_issued(*issue(table))


# Tables


def test_odd_tables(issue, table):
    """IM-002: NUL, UTF-16, an open quote, a cell of ten megabytes, ragged rows, no rows at all."""
    for label, content in files.csv_weird():
        answer, out = issue(content, f"{label}.csv")
        assert_nothing_issued(answer, out)
        assert answer.seconds < 2
    assert_issued(*issue(table))


@pytest.mark.parametrize("formula", files.csv_formula())
def test_formulas(issue, table, formula):
    """IM-001: in every cell that people will open in a spreadsheet, a formula is text."""
    for cells in ({"reference": formula}, {"mention": formula}, {"prenoms": formula}):
        _, out = issue(filled(table, **cells), "formula.csv", "--skip-errors")
        for report in out.glob("report.csv"):
            text = report.read_bytes().decode("utf-8-sig")
            for row in csv.reader(io.StringIO(text, newline=""), delimiter=";"):
                assert not any(cell.startswith(("=", "+", "-", "@", "\t", "\r", "＝")) for cell in row)


def test_the_same_learner_twice(issue, table):
    """IM-016: twice in one file is refused; the same file twice issues nothing twice."""
    head, row = table.splitlines()[:2]
    answer, out = issue("\r\n".join([head, row, row]))
    assert_nothing_issued(answer, out)
    first, out = issue(table)
    assert_issued(first, out)
    again, other = issue(table)
    assert again.json["issued"] == 0
    assert again.json["again"] == 1
    assert {path.name: path.read_bytes() for path in _credentials(out)} == {
        path.name: path.read_bytes() for path in _credentials(other)
    }
    changed, out = issue(filled(table, prenoms="Dominique Fictive"))
    assert_nothing_issued(changed, out)


def test_texts_that_break_careless_programs(issue, own_house, table):
    """IM-018: signed and shown letter by letter, or refused in words."""
    for number, text in enumerate(files.naughty_texts()):
        cells = {"reference": f"N-{number}", "prenoms": text}
        answer, out = issue(filled(table, **cells))
        if answer.status == 2:
            assert_nothing_issued(answer, out)
            continue
        (issued,) = out.glob("*.sd-jwt")
        report = own_house.run("verify", issued, "--json")
        assert report.status == 0, text
        shown = {item["id"]: item["value"] for item in report.json["credentials"][0]["shown"]["items"]}
        assert shown["given_name"] == text.strip(), text
        terminal = own_house.run("verify", issued, "--details").out
        assert "\x1b[31m" not in terminal
        assert "\u202e" not in terminal
    assert_issued(*issue(filled(table, reference="N-last")))


# XML


def test_hostile_xml(issue, table):
    """IM-003, IM-004: no entity is expanded, nothing is read or fetched."""
    payloads = [("laughs", files.xml_billion_laughs()), *files.xml_xxe()]
    for label, text in payloads:
        answer, out = issue(text, f"{label}.xml")
        assert_nothing_issued(answer, out)
        assert answer.seconds < 0.5
        assert "root:" not in answer.out
    assert_issued(*issue(table))


def test_wrapped_signatures(issue):
    """IM-005: no signed XML is accepted as signed, so that there is no signature to wrap."""
    wrapped = '<r xmlns:ds="http://www.w3.org/2000/09/xmldsig#"><ds:Signature/><r/></r>'
    assert_nothing_issued(*issue(wrapped, "signed.xml"))


# Archives


def test_archives(issue, own_house, table):
    """IM-006, IM-007: not opened at all, whatever they hold or are called."""
    before = {path for path in own_house.home.parent.rglob("*") if path.is_file()}
    for content in (files.zip_bomb(20), files.zip_slip()):
        for name in ("results.zip", "results.xlsx", "results.csv"):
            answer, out = issue(content, name)
            assert_nothing_issued(answer, out)
            assert answer.seconds < 1
    after = {path for path in own_house.home.parent.rglob("*") if path.is_file()}
    assert not [path for path in after - before if "pwned" in path.name or path.name in ("x", "b")]
    assert_issued(*issue(table))


# Pictures


@pytest.fixture(scope="module")
def code(tmp_path_factory):
    """An honest code: a credential of nobody's, drawn as a PNG."""
    path = tmp_path_factory.mktemp("code") / "code.png"
    text = minting.sdjwt(minting.base_payload(), kb=None)
    path.write_bytes(qr_image.png(qr.encode_offline([text], "passeport.example")))
    return path


def polyglots(png):
    return {
        "a gif that is a script": b"GIF89a/*" + bytes(20) + b"*/=1;alert(1)",
        "a drawing called a picture": b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>',
        "a photo that is none": b"\xff\xd8\xff\xe1\x00\x10Exif\x00\x00GPS 48.85N" + bytes(64),
        "a picture cut short": png[:200],
        "a pixel bomb": files.png_bomb(),
        "a thousand chunks": files.png_baked_many_chunks(),
    }


def test_pictures(house, refused, code):
    """IM-009, IM-010: told by their content, never by their name; no pixel before the size is known."""
    for content in polyglots(code.read_bytes()).values():
        for command in (["verify"], ["scan"]):
            answer = house.run(*command, house.file(content, "photo.png"), "--json")
            refused(answer)
    assert house.run("verify", code, "--json").status == 0


def test_a_picture_with_an_archive_behind_it(house, code):
    """IM-010: only the code on the picture counts; what hangs behind it is not opened."""
    both = code.read_bytes() + files.zip_slip()
    with_it, without = (house.run("scan", path) for path in (house.file(both, "photo.png"), code))
    assert with_it.out == without.out
    assert with_it.status == 0


# Names that are paths


NAMES = ["../../etc/passwd", "..%2f..%2fetc/passwd", "....//", "C:\\x", "/abs", "a\x00.html", ".", "CON", ""]


@pytest.mark.parametrize("name", NAMES)
def test_names_that_are_paths(own_house, issue, table, name):
    """IM-011: of issuers, of templates, in references: nothing outside the folder is read or written."""
    before = set(own_house.home.parent.rglob("*"))
    assert own_house.run("keys", "list", name, "--json").status == 2
    assert own_house.run("template", name).status == 2
    assert own_house.run("keys", "create", name, "--did", "did:web:x.example", "--org", "X").status == 2
    answer, out = issue(table, "input.csv", issuer=name)
    assert_nothing_issued(answer, out)
    answer, out = issue(table, "input.csv", "--template", name)
    assert "cli.unexpected" not in answer.out
    answer, out = issue(filled(table, reference=name or "-"))
    written = set(own_house.home.parent.rglob("*")) - before
    inside = [own_house.home / "input.csv", *own_house.home.glob("out-*"), own_house.home / "issuers"]
    inside += [own_house.home / "web"]
    assert all(any(path == place or place in path.parents for place in inside) for path in written)
    assert_issued(*issue(filled(table, reference="honest")))


@pytest.mark.parametrize("name", NAMES)
def test_addresses_that_are_paths(tmp_path, name):
    """IM-011: of published documents, whose folder mirrors the web."""
    (tmp_path / "web").mkdir()
    (tmp_path / "secret").write_text(json.dumps({}))
    for url in (f"https://x.example/{name}", f"https://{name}/x", f"https://x.example/../../{name}"):
        with pytest.raises(Problem):
            Mirror(tmp_path / "web").get(url)
