"""Protects: a credential finds its template, and only its own."""

import pytest

from credentials.templates import for_types, for_vct, load, names
from problems import MalformedValueError, NotFoundError


def test_the_types_of_credentials():
    assert names() == (
        "accreditation", "block", "certification", "declared-experience", "declared-skill", "diploma",
        "endorsement", "prevention-success", "prevention-training", "rs-certification", "skill", "training",
    )  # fmt: skip


@pytest.mark.parametrize("name", names())
def test_found_by_types_and_by_vct(name):
    template = load(name)
    assert template.id == name
    assert for_types(template.types) is template
    assert for_types(reversed(template.types)) is template
    assert for_vct(template.vct) is template


def test_foreign_types_have_no_template():
    assert for_types(["VerifiableCredential", "OpenBadgeCredential"]) is None
    assert for_types(["VerifiableCredential", "UniversityDegreeCredential"]) is None
    assert for_vct("https://w3id.org/passeport/vct/diploma/2") is None
    assert for_vct("") is None


def test_two_types_at_once_are_refused():
    """A document could otherwise be checked as one type and read as another."""
    with pytest.raises(MalformedValueError) as caught:
        for_types(["VerifiableCredential", "DiplomaCredential", "DeclaredSkillCredential"])
    assert caught.value.code == "template.two_types"


@pytest.mark.parametrize("name", ["", "_claims", "../pyproject", "diploma.toml", "DIPLOMA"])
def test_unknown_names_are_refused(name):
    with pytest.raises(NotFoundError):
        load(name)


@pytest.mark.parametrize("name", names())
def test_labels_are_there_in_both_languages(name):
    template = load(name)
    labels = [
        template.label,
        *(rule.label for rule in template.items),
        *(rule.label for rule in template.open),
    ]
    assert all(label["fr"] and label["en"] for label in labels)


def test_what_the_holder_declares_is_never_secured_by_a_base_signature():
    """It would not commit the holder to what the credential says (see credentials.digests)."""
    assert {name for name in names() if load(name).declared} == {"declared-experience", "declared-skill"}
    assert not any(load(name).selective_ld for name in names() if load(name).declared)


@pytest.mark.parametrize("name", names())
def test_item_ids_are_unique(name):
    template = load(name)
    ids = [rule.id for rule in (*template.items, *(rule for rule in template.open if rule.pointer))]
    assert len(ids) == len(set(ids))
