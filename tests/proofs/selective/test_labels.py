"""Labels of blank nodes: by HMAC when issuing, by the map that was handed over when verifying."""

import hashlib
import hmac

import pytest

from boundary import base64url
from problems import ProofVerificationError
from proofs.rdf.nquads import parse
from proofs.selective.labels import (
    create_hmac_id_label_map_function,
    create_label_map_function,
    create_shuffled_id_label_map_function,
    label_replacement_canonicalize,
    relabel_blank_nodes,
)

OTHERWISE = ProofVerificationError("ecdsa_sd.label_map")


def test_a_label_is_the_hmac_of_the_canonical_one() -> None:
    key = bytes(range(32))
    expected = "u" + base64url.encode(hmac.new(key, b"c14n0", hashlib.sha256).digest())
    assert create_hmac_id_label_map_function(key)({"b7": "c14n0"}) == {"b7": expected}


def test_a_shuffled_label_is_the_place_of_its_hmac_among_all() -> None:
    """vc-di-bbs §3.3.1: the order of the digests, which tells nothing of the canonical order."""
    key, canonical = bytes(range(32)), {f"x{n}": f"c14n{n}" for n in range(20)}
    digests = create_hmac_id_label_map_function(key)(canonical)
    shuffled = create_shuffled_id_label_map_function(key)(canonical)
    assert sorted(shuffled, key=lambda label: int(shuffled[label][1:])) == sorted(digests, key=digests.get)
    assert set(shuffled.values()) == {f"b{n}" for n in range(20)}
    assert shuffled != create_shuffled_id_label_map_function(bytes(32))(canonical)


def test_lines_are_sorted_again_after_labels_changed() -> None:
    """Else the order of lines would tell the canonical order, which hidden statements have a part in."""
    quads = parse('_:a <http://e.example/p> "1" .\n_:b <http://e.example/p> "2" .\n')
    found = label_replacement_canonicalize(
        quads, lambda names: {a: f"x{9 - int(n[4:])}" for a, n in names.items()}
    )
    assert list(found.lines) == sorted(found.lines)
    assert {line[:4] for line in found.lines} == {"_:x8", "_:x9"}


def test_text_that_looks_like_a_label_stays_as_it_is() -> None:
    """A replacement of text in lines, as the specification sketches it, would change what people wrote."""
    quads = parse('_:a <http://e.example/p> "see _:a and _:c14n0" <http://e.example/g> .\n')
    assert relabel_blank_nodes(quads, {"a": "z"}) == {
        '_:z <http://e.example/p> "see _:a and _:c14n0" <http://e.example/g> .\n'
    }


def test_subjects_objects_and_graphs_are_relabelled() -> None:
    quads = parse("_:a <http://e.example/p> _:b _:c .\n")
    assert relabel_blank_nodes(quads, {"a": "x", "b": "y", "c": "z"}) == {
        "_:x <http://e.example/p> _:y _:z .\n"
    }


def test_a_label_map_gives_each_node_the_label_that_was_signed() -> None:
    factory = create_label_map_function({"c14n0": "u0", "c14n1": "u1"}, OTHERWISE)
    assert factory({"b0": "c14n1", "b1": "c14n0"}) == {"b0": "u1", "b1": "u0"}


@pytest.mark.parametrize(
    "labels",
    [{}, {"c14n0": "u0"}, {"c14n0": "u0", "c14n1": "u1", "c14n2": "u2"}, {"c14n0": "u0", "c14n2": "u2"}],
    ids=["none", "one missing", "one too many", "one of another document"],
)
def test_a_label_map_that_does_not_fit_is_refused(labels: dict[str, str]) -> None:
    """SL-007"""
    with pytest.raises(ProofVerificationError) as caught:
        create_label_map_function(labels, OTHERWISE)({"b0": "c14n0", "b1": "c14n1"})
    assert caught.value.code == "ecdsa_sd.label_map"
