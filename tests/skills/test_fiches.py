"""Fiches: the twenty real ones, and the dirt that real ones carry, mended aloud."""

import gzip
import tracemalloc
from datetime import date

import pytest

from credentials.templates import check_claims, load
from problems import InputError, LimitError, ParsingError
from skills import fiches
from skills.register import Chain, builtin, from_fiches

FICHE = {
    "NUMERO_FICHE": "<NUMERO_FICHE>RNCP99001</NUMERO_FICHE>",
    "INTITULE": "<INTITULE>Souffleur de verre imaginaire</INTITULE>",
    "NOMENCLATURE_EUROPE": "<NOMENCLATURE_EUROPE><NIVEAU>NIV4</NIVEAU></NOMENCLATURE_EUROPE>",
    "CODES_NSF": "<CODES_NSF><NSF><CODE>224</CODE><LIBELLE>Matériaux</LIBELLE></NSF></CODES_NSF>",
    "CODES_ROME": "<CODES_ROME><ROME><CODE>B1602</CODE><LIBELLE>Verre</LIBELLE></ROME></CODES_ROME>",
    "CERTIFICATEURS": "<CERTIFICATEURS><CERTIFICATEUR>"
    "<SIRET_CERTIFICATEUR>00000000100011</SIRET_CERTIFICATEUR><NOM_CERTIFICATEUR>Centre fictif"
    "</NOM_CERTIFICATEUR><ETAT_CERTIFICATEUR>Actif</ETAT_CERTIFICATEUR>"
    "</CERTIFICATEUR></CERTIFICATEURS>",
    "BLOCS_COMPETENCES": "<BLOCS_COMPETENCES><BLOC_COMPETENCES><CODE>RNCP99001BC01</CODE><LIBELLE>Cueillir le"
    " verre</LIBELLE><LISTE_COMPETENCES>Allumer le four  Tourner la canne</LISTE_COMPETENCES>"
    "</BLOC_COMPETENCES></BLOCS_COMPETENCES>",
    "DATE_DECISION": "<DATE_DECISION>01/02/2024</DATE_DECISION>",
    "DATE_FIN_ENREGISTREMENT": "<DATE_FIN_ENREGISTREMENT>31/01/2029</DATE_FIN_ENREGISTREMENT>",
    "TYPE_ENREGISTREMENT": "<TYPE_ENREGISTREMENT>Enregistrement sur demande</TYPE_ENREGISTREMENT>",
    "ACTIF": "<ACTIF>Oui</ACTIF>",
}


def export(*each, version="4.1"):
    inside = "\n".join(f"<FICHE>{''.join(xml for xml in {**FICHE, **changes}.values() if xml)}</FICHE>"
                       for changes in each)  # fmt: skip
    head = '<?xml version="1.0" encoding="UTF-8"?>'
    return f"{head}\n<FICHES><VERSION_FLUX>{version}</VERSION_FLUX>\n{inside}\n</FICHES>"


@pytest.fixture
def one(tmp_path):
    """The only fiche of an export, with the changes given."""

    def read(**changes):
        path = tmp_path / "fiches.xml"
        path.write_text(export(changes), "utf-8")
        (fiche,) = fiches.read(path)
        return fiche

    return read


def test_a_clean_fiche(one):
    fiche = one()
    found = fiche.certification
    assert fiche.remarks == ()
    assert (found.code, found.register, found.level, found.active) == ("RNCP99001", "RNCP", "4", True)
    assert (found.starts, found.ends) == (date(2024, 2, 1), date(2029, 1, 31))
    assert found.description == (
        "Certification professionnelle de niveau 4, "
        "au répertoire national des certifications professionnelles."
    )
    assert [(a.framework, a.code) for a in found.alignments] == [
        ("EQF", "4"),
        ("NSF", "224"),
        ("ROME 4.0", "B1602"),
    ]
    assert found.blocks[0].skills == ("Allumer le four", "Tourner la canne")


def _block(code, name="Cueillir", listed=""):
    return (f"<BLOC_COMPETENCES><CODE>{code}</CODE><LIBELLE>{name}</LIBELLE>"
            f"<LISTE_COMPETENCES>{listed}</LISTE_COMPETENCES></BLOC_COMPETENCES>")  # fmt: skip


def _blocks(*blocks):
    return f"<BLOCS_COMPETENCES>{''.join(blocks)}</BLOCS_COMPETENCES>"


def _rome(code):
    return f"<CODES_ROME><ROME><CODE>{code}</CODE><LIBELLE>Soins aux animaux</LIBELLE></ROME></CODES_ROME>"


DIRT = {
    "no SIRET": (
        {"CERTIFICATEURS": "<CERTIFICATEURS><CERTIFICATEUR><NOM_CERTIFICATEUR>X</NOM_CERTIFICATEUR>"
                           "</CERTIFICATEUR></CERTIFICATEURS>"},
        ["fiche.siret_missing"],
    ),
    "a ROME domain for an occupation": ({"CODES_ROME": _rome("A1500")}, ["fiche.code_unknown"]),
    "a code that is none": ({"CODES_ROME": _rome("?")}, ["fiche.code_unknown"]),
    "a bloc code of two figures": ({"BLOCS_COMPETENCES": _blocks(_block("01"))}, ["fiche.block_code"]),
    "the same bloc code twice": (
        {"BLOCS_COMPETENCES": _blocks(_block("01"), _block("01", "Souffler"))},
        ["fiche.block_code", "fiche.block_code", "fiche.block_twice"],
    ),
    "a bloc of another fiche": (
        {"BLOCS_COMPETENCES": _blocks(_block("RNCP1BC01"))}, ["fiche.block_unusable"],
    ),
    "a bloc without title": ({"BLOCS_COMPETENCES": _blocks(_block("01", " "))},
                             ["fiche.block_code", "fiche.block_unusable"]),
    "an impossible date": (
        {"DATE_FIN_ENREGISTREMENT": "<DATE_FIN_ENREGISTREMENT>31/02/2029</DATE_FIN_ENREGISTREMENT>"},
        ["fiche.date"],
    ),
    "an ISO date": (
        {"DATE_FIN_ENREGISTREMENT": "<DATE_FIN_ENREGISTREMENT>2029-01-31</DATE_FIN_ENREGISTREMENT>"},
        ["fiche.date"],
    ),
    "no title": ({"INTITULE": "<INTITULE> </INTITULE>"}, ["fiche.name_missing"]),
}  # fmt: skip


@pytest.mark.parametrize("case", DIRT.values(), ids=DIRT)
def test_dirt_is_mended_aloud(one, case):
    changes, codes = case
    fiche = one(**changes)
    assert [remark.code for remark in fiche.remarks] == codes
    for remark in fiche.remarks:
        assert remark.line >= 3
        assert "RNCP99001" in remark.says("fr").what
        assert remark.says("en").next_step
        assert "…" not in "".join(str(remark.says(lang)) for lang in ("fr", "en")), "a fact is missing"
    assert fiche.certification.claims()["name"]


QUIET = {
    "no level": {"NOMENCLATURE_EUROPE": None},
    "level AUCUN": {"NOMENCLATURE_EUROPE": FICHE["NOMENCLATURE_EUROPE"].replace("NIV4", "AUCUN")},
    "no dates": {"DATE_DECISION": None, "DATE_FIN_ENREGISTREMENT": "<DATE_FIN_ENREGISTREMENT/>"},
    "no certifier, bloc or code": {"CERTIFICATEURS": None, "BLOCS_COMPETENCES": None, "CODES_ROME": None,
                                   "CODES_NSF": None},
    "elements that we do not know": {"NOUVEAU": "<NOUVEAU><A>b</A></NOUVEAU>"},
}  # fmt: skip


@pytest.mark.parametrize("changes", QUIET.values(), ids=QUIET)
def test_what_may_be_absent_is_no_remark(one, changes):
    assert one(**changes).remarks == ()


def test_a_bloc_code_of_two_figures_is_completed(one):
    blocks = one(BLOCS_COMPETENCES=_blocks(_block("01"), _block("BC2"))).certification.blocks
    assert [block.code for block in blocks] == ["RNCP99001BC01", "RNCP99001BC02"]


def test_an_inactive_certifier_is_left_out(one):
    xml = FICHE["CERTIFICATEURS"].replace("Actif", "Inactif")
    assert one(CERTIFICATEURS=xml).certification.certifiers == ()


@pytest.mark.parametrize(
    ("kind", "short", "diploma", "name"),
    [
        ("Enregistrement de droit", "BTS", True, "BTS Souffleur de verre imaginaire"),
        ("Enregistrement de droit", "TP", False, "Souffleur de verre imaginaire"),
        ("Enregistrement de droit", "Grade_Master", True, "Souffleur de verre imaginaire"),
        ("Enregistrement sur demande", "BTS", False, "Souffleur de verre imaginaire"),
    ],
)
def test_diplomas_are_what_the_state_registers_by_right(one, kind, short, diploma, name):
    found = one(
        TYPE_ENREGISTREMENT=f"<TYPE_ENREGISTREMENT>{kind}</TYPE_ENREGISTREMENT>",
        ABREGE=f"<ABREGE><CODE>{short}</CODE><LIBELLE>Diplôme</LIBELLE></ABREGE>",
    ).certification
    assert (found.diploma, found.name) == (diploma, name)


LISTS = {
    "Allumer le four  Tourner la canne": ("Allumer le four", "Tourner la canne"),
    "Allumer le four\nTourner la canne": ("Allumer le four", "Tourner la canne"),
    "* Allumer le four  * Tourner la canne": ("Allumer le four", "Tourner la canne"),
    "C.1. Allumer le four.    C.2. Tourner la canne.": ("Allumer le four", "Tourner la canne"),
    "1.1 Allumer le four  1.2.1 Tourner la canne": ("Allumer le four", "Tourner la canne"),
    "Allumer le four  en sécurité": (),
    "Allumer le four et tourner la canne": (),
    "": (),
}


@pytest.mark.parametrize("listed", LISTS)
def test_a_list_of_skills_is_taken_apart_only_where_no_sentence_is_cut(one, listed):
    (block,) = one(BLOCS_COMPETENCES=_blocks(_block("RNCP99001BC01", listed=listed))).certification.blocks
    assert block.skills == LISTS[listed]


def test_a_language_certification_says_its_language(one):
    language = "<FORMACODES><FORMACODE><CODE>15287</CODE><LIBELLE>Allemand</LIBELLE></FORMACODE></FORMACODES>"
    nsf = "<CODES_NSF><NSF><CODE>136g</CODE><LIBELLE>Langues</LIBELLE></NSF></CODES_NSF>"
    assert one(FORMACODES=language, CODES_NSF=nsf).certification.language == "de"
    assert one(FORMACODES=language).certification.language is None


def test_a_fiche_without_a_usable_number_is_skipped(tmp_path):
    path = tmp_path / "f.xml"
    path.write_text(export({"NUMERO_FICHE": "<NUMERO_FICHE>?</NUMERO_FICHE>"}, {}), "utf-8")
    assert [fiche.certification.code for fiche in fiches.read(path)] == ["RNCP99001"]


def test_the_real_fiches(fixtures):
    """Twelve of the RNCP (compressed) and eight of the RS, as France compétences publishes them."""
    rncp = list(fiches.read(fixtures / "data" / "rncp" / "export_fiches_RNCP_fixture.xml.gz"))
    rs = list(fiches.read(fixtures / "data" / "rncp" / "export_fiches_RS_fixture.xml"))
    assert (len(rncp), len(rs)) == (12, 8)
    assert sum(len(fiche.certification.blocks) for fiche in rncp) == 53
    assert {(remark.code, remark.fiche) for fiche in rncp + rs for remark in fiche.remarks} == {
        ("fiche.code_unknown", "RNCP40344"),
        ("fiche.siret_missing", "RNCP40344"),
    }


def test_what_is_shipped_agrees_with_the_real_fiches(fixtures):
    folder = fixtures / "data" / "rncp"
    real = Chain(
        from_fiches(folder / "export_fiches_RNCP_fixture.xml.gz"),
        from_fiches(folder / "export_fiches_RS_fixture.xml"),
    )
    compared = [(mine, theirs) for mine in builtin() if (theirs := real.find(mine.code))]
    assert len(compared) == 9
    for mine, theirs in compared:
        assert (mine.name, mine.level, mine.diploma, mine.active) == (
            theirs.name, theirs.level, theirs.diploma, theirs.active,
        )  # fmt: skip
        assert (mine.starts, mine.ends, mine.last_award) == (theirs.starts, theirs.ends, theirs.last_award)
        assert [(b.code, b.name) for b in mine.blocks] == [(b.code, b.name) for b in theirs.blocks]
        assert {a.code for a in mine.alignments} <= {a.code for a in theirs.alignments}
        assert {c.siret for c in mine.certifiers} <= {c.siret for c in theirs.certifiers}


def test_the_real_fiches_make_claims_that_templates_take(fixtures):
    for name in ("export_fiches_RNCP_fixture.xml.gz", "export_fiches_RS_fixture.xml"):
        for found in from_fiches(fixtures / "data" / "rncp" / name):
            for one in (found, *(found.block(block.code) for block in found.blocks)):
                rules = {"certification": load(one.template).claims["certification"]}
                check_claims(rules, {"certification": one.claims()})


WRONG = {
    "another root": ("<FLUX/>", InputError, "fiches.not_fiches"),
    "a fiche elsewhere": ("<FLUX><FICHE/></FLUX>", InputError, "fiches.not_fiches"),
    "another version": (export({}, version="3.0"), InputError, "fiches.version"),
    "no version": ("<FICHES/>", InputError, "fiches.version"),
    "a document type": ("<!DOCTYPE a><FICHES/>", ParsingError, "xml.dtd_forbidden"),
    "cut": (export({})[:-5], ParsingError, "xml.truncated"),
    "empty": ("", ParsingError, "xml.truncated"),
}


@pytest.mark.parametrize("case", WRONG.values(), ids=WRONG)
@pytest.mark.parametrize("compressed", [False, True])
def test_what_is_no_export_of_fiches_is_refused(tmp_path, case, compressed):
    text, kind, code = case
    path = tmp_path / "fiches.xml"
    path.write_bytes(gzip.compress(text.encode()) if compressed else text.encode())
    with pytest.raises(kind) as refused:
        list(fiches.read(path))
    assert refused.value.code == code


def test_a_bomb_stops_at_the_limit(tmp_path, monkeypatch):
    monkeypatch.setattr("boundary.limits.FICHES_BYTES", 1 << 20)
    path = tmp_path / "fiches.xml.gz"
    path.write_bytes(gzip.compress(b"<FICHES>" + b" " * (8 << 20)))
    with pytest.raises(LimitError):
        list(fiches.read(path))
    plain = tmp_path / "fiches.xml"
    plain.write_bytes(b"<FICHES>" + b" " * (2 << 20))
    with pytest.raises(LimitError, match="too_large"):
        list(fiches.read(plain))


def test_many_fiches_are_read_in_flat_memory(tmp_path):
    path = tmp_path / "fiches.xml"
    partners = (
        "<PARTENAIRES>"
        + "<PARTENAIRE><NOM_PARTENAIRE>X</NOM_PARTENAIRE></PARTENAIRE>" * 50
        + "</PARTENAIRES>"
    )
    path.write_text(export(*[{"PARTENAIRES": partners}] * 500), "utf-8")
    tracemalloc.start()
    try:
        count = sum(1 for _ in fiches.read(path))
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert count == 500
    assert peak < 4 << 20
