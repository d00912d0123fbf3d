"""Files that are sent to do harm are refused at the door, and an honest one is taken right after (IM-…)."""

from concurrent.futures import ThreadPoolExecutor

import pytest


def multipart(parts, boundary=b"x" * 20, *, ends=True):
    lines = [
        b'--%b\r\nContent-Disposition: form-data; name="f%d"; filename="a.csv"\r\n\r\nx\r\n'
        % (boundary, number)
        for number in range(parts)
    ]
    return b"".join(lines) + (b"--%b--\r\n" % boundary if ends else b"")


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (multipart(10_000), b"x" * 20),
        (multipart(1, ends=False), b"x" * 20),
        (multipart(0), b"x" * 20),
        (multipart(2), b"x" * 20),
        (b"--other\r\n", b"x" * 20),
        (b"", b""),
    ],
    ids=[
        "10,000 parts",
        "no end",
        "no part",
        "two files",
        "another boundary",
        "no boundary",
    ],
)
def test_forms_that_are_no_forms(centre, table, body, kind):
    """IM-017."""
    headers = {"Content-Type": "multipart/form-data; boundary=" + kind.decode()}
    answer = centre.post("imports", content=body, headers=headers)
    assert answer.status_code in (400, 413), answer.text[:300]
    assert answer.headers["content-type"] == "application/problem+json"
    assert not [*centre.house.settings.home.glob("service/uploads/*")]
    assert centre.until(centre.send(table(1))["id"], "done")


def test_a_boundary_of_a_megabyte_is_no_head_of_a_request(centre, table):
    """IM-017."""
    boundary = b"x" * (1 << 20)
    headers = {"Content-Type": "multipart/form-data; boundary=" + boundary.decode()}
    answer = centre.post("imports", content=multipart(1, boundary), headers=headers)
    assert answer.status_code in (400, 413, 431)
    assert centre.until(centre.send(table(1))["id"], "done")


@pytest.mark.parametrize(
    ("data", "code"),
    [(b"", "intake.empty"), (b"\x1f\x8b\x08", "intake.archive"), (b"Rar!\x1a", "intake.archive")],
)
def test_what_is_no_file_of_ours_is_refused_at_once(centre, data, code):
    """IM-006, IM-007."""
    answer = centre.post("imports", content=data)
    assert (answer.status_code, answer.json()["code"]) == (400, code)
    assert not [*centre.house.settings.home.glob("service/uploads/*")]


def test_hostile_xml_fails_as_a_whole_and_leaves_nothing(centre):
    """IM-003, IM-004."""
    bomb = b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><a>&b;</a>'
    found = centre.until(centre.send(bomb)["id"], "failed")
    assert found["problem"]["code"].startswith("xml.")
    assert found["problem"]["what"]
    assert not [*centre.house.settings.home.glob("service/uploads/*")]


def test_no_cell_of_a_report_becomes_a_formula(centre, table):
    """IM-001."""
    evil = table(1).replace(b"R-1;", b"=cmd|' /C calc'!A0;")
    job = centre.until(centre.send(evil)["id"], "done", "examined")
    lines = centre.get(f"imports/{job['id']}/report.csv").text.splitlines()[1:]
    assert lines
    assert not any(line.startswith(("=", '"=')) for line in lines)


def test_the_same_file_sent_by_many_at_once_is_one_import(centre, table):
    """IM-016."""
    with ThreadPoolExecutor(8) as pool:
        ids = {job["id"] for job in pool.map(lambda _: centre.send(table(3)), range(8))}
    assert len(ids) == 1
    centre.until(ids.pop(), "done")
    assert len(centre.get("offers").json()["offers"]) == 3


def test_names_in_a_list_are_no_statements(centre, table):
    """AD-007."""
    centre.until(centre.send(table(1))["id"], "done")
    for after in ("' or 1=1 --", "%", "x'; drop table offer; --"):
        for path in ("offers", "imports", "corrections"):
            assert centre.get(path, params={"after": after}).status_code == 200
    assert centre.get("imports/%27%20or%201=1/rows").status_code == 404
    assert len(centre.get("offers").json()["offers"]) == 1


@pytest.mark.parametrize("asked", [{"mode": "shred"}, {"template": "x" * 61}])
def test_a_file_of_a_request_that_is_wrong_elsewhere_is_not_kept(centre, table, asked):
    """What is wrong beside the file is told once the file was read; nobody would remove it later."""
    centre.send(table(2), status=400, **asked)
    assert not [*centre.house.settings.home.glob("service/uploads/*")]
