"""What an accrochage file must look like, in version 1.1.2 or 1.1.5.

The format of the Caisse des Dépôts' portal for certifiers, restated as data from its published schema and
its use. Order inside an element is free. All versions share one namespace; 1.1.5 adds ``action`` to the flux
and ``identifiantNational`` to holders, and whoever writes 1.1.2 writes neither.
"""

import re
from datetime import date
from typing import Final

from issuer.intake.xml_shape import BLANKS, Facts, Group, Kind, Leaf, Many

NAMESPACE: Final = "urn:cdc:cpf:pc5:schema:1.0.0"

CREATION: Final = "CREATION"
SUPPRESSION: Final = "SUPPRESSION"
"""What a file of version 1.1.5 is for: all of its results are declared, or all of them withdrawn."""

# Simple types. Facets of strings count characters as they stand; the others ignore blanks around.


def _text(low: int, high: int) -> Kind:
    facts: Facts = {"low": low, "high": high}
    return lambda text: None if low <= len(text) <= high else ("element.length", facts)


def _one_of(*values: str) -> Kind:
    facts: Facts = {"expected": ", ".join(values)}
    return lambda text: None if text in values else ("element.not_in_list", facts)


def _whole(low: int, high: int) -> Kind:
    facts: Facts = {"low": low, "high": high}

    def check(text: str) -> tuple[str, Facts] | None:
        digits = text.strip(BLANKS)
        fits = re.fullmatch(r"[+-]?[0-9]{1,12}", digits) and low <= int(digits) <= high
        return None if fits else ("element.not_whole", facts)

    return check


def _boolean(text: str) -> tuple[str, Facts] | None:
    known = text.strip(BLANKS) in ("true", "false", "1", "0")
    return None if known else ("element.not_boolean", {})


def _day(text: str) -> tuple[str, Facts] | None:
    return None if _is_day(text.strip(BLANKS)) else ("element.not_a_day", {})


def _is_day(text: str) -> bool:
    if not re.fullmatch(r"(19|20)[0-9]{2}-[0-9]{2}-[0-9]{2}", text):
        return False
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True


def _moment(text: str) -> tuple[str, Facts] | None:
    """Seconds, then an offset in figures: ``Z`` and fractions are refused, as the portal refuses them."""
    day, _, time = text.strip(BLANKS).partition("T")
    offset = r"[+-](0[0-9]|1[0-3]):[0-5][0-9]|[+-]14:00"
    fits = re.fullmatch(rf"(2[0-3]|[01][0-9]):[0-5][0-9]:[0-5][0-9]({offset})", time)
    return None if fits and _is_day(day) else ("element.not_a_moment", {})


def _optional(kind: Kind) -> Leaf:
    return Leaf(kind, required=False)


def _nillable(kind: Kind) -> Leaf:
    return Leaf(kind, nillable=True)


_NAME: Final = _text(1, 60)
_TEXT: Final = _text(1, 255)

_RESULT: Final = Group(
    {
        "niveau": _optional(_whole(1, 8)),
        "domaineCompetenceId": _optional(_text(1, 1)),
        "competenceId": _optional(_text(1, 1)),
    }
)

_DIGITAL: Final = Group(
    {
        "scoreGeneral": _optional(_whole(1, 1000)),
        "resultats": Many("resultat", _RESULT, required=False, least=0),
    },
    required=False,
)

_ENROLMENT: Final = Group(
    {
        "modaliteAcces": _nillable(
            _one_of(
                "FORMATION_INITIALE_HORS_APPRENTISSAGE",
                "FORMATION_INITIALE_APPRENTISSAGE",
                "FORMATION_CONTINUE_HORS_CONTRAT_DE_PROFESSIONNALISATION",
                "FORMATION_CONTINUE_CONTRAT_DE_PROFESSIONNALISATION",
                "VAE",
                "EQUIVALENCE_DIPLOME_ETRANGER",
                "CANDIDAT_LIBRE",
            )
        ),
        "voieAccessVAE": _optional(_one_of("CONGES_VAE", "VAE_CLASSIQUE")),
        "initiativeInscription": _optional(_one_of("CERTIFIE", "OF", "POLE_EMPLOI", "EMPLOYEUR", "AUTRE")),
        "dateInscription": _optional(_day),
    }
)

_FOLDER: Final = Group(
    {
        "idDossier": Leaf(_text(1, 13)),
        "nomTitulaire": Leaf(_text(1, 30)),
        "prenom1Titulaire": Leaf(_text(1, 20)),
    }
)

_BIRTHPLACE: Final = Group(
    {
        "codeInseeNaissance": Group({"codeInsee": Leaf(_text(5, 5))}),
        "codePostalNaissance": Group({"codePostal": _nillable(_text(1, 9))}),
    },
    exclusive=True,
)

_PERSON: Final = Group(
    {
        "nomNaissance": Leaf(_NAME),
        "nomUsage": _nillable(_NAME),
        "prenom1": Leaf(_NAME),
        "prenom2": _optional(_NAME),
        "prenom3": _optional(_NAME),
        "anneeNaissance": Leaf(_whole(1900, 2099)),
        "moisNaissance": _nillable(_whole(1, 12)),
        "jourNaissance": _nillable(_whole(1, 31)),
        "sexe": Leaf(_one_of("M", "F")),
        "codeCommuneNaissance": _BIRTHPLACE,
        "libelleCommuneNaissance": _optional(_NAME),
        "codePaysNaissance": _optional(_text(3, 3)),
        "libellePaysNaissance": _optional(_NAME),
        "commentairesMEN": _optional(_text(1, 250)),
    }
)

_NATIONAL: Final = Group({"nir": Leaf(lambda _: None), "nomNaissance": Leaf(_NAME)})
"""The number itself is passed over by the reader of the XML: it comes here empty."""

PASSAGE: Final = Group(
    {
        "idTechnique": Leaf(_TEXT),
        "urlPreuve": _optional(_TEXT),
        "libelleOption": _optional(_TEXT),
        "obtentionCertification": Leaf(_one_of("PAR_ADMISSION", "PAR_SCORING")),
        "donneeCertifiee": Leaf(_boolean),
        "dateDebutExamen": _optional(_day),
        "dateFinExamen": _optional(_day),
        "modalitePassageExamen": _optional(_one_of("A_DISTANCE", "EN_PRESENTIEL", "MIXTE")),
        "codePostalCentreExamen": _optional(_text(1, 9)),
        "dateDebutValidite": Leaf(_day),
        "dateFinValidite": _nillable(_day),
        "presenceNiveauLangueEuro": Leaf(_boolean),
        "niveauLangueEuropeen": _optional(_one_of("A1", "A2", "B1", "B2", "C1", "C2", "INSUFFISANT")),
        "presenceNiveauNumeriqueEuro": Leaf(_boolean),
        "niveauNumeriqueEuropeen": _DIGITAL,
        "scoring": _nillable(_TEXT),
        "mentionValidee": _nillable(
            _one_of(
                "SANS_MENTION",
                "MENTION_ASSEZ_BIEN",
                "MENTION_BIEN",
                "MENTION_TRES_BIEN",
                "MENTION_TRES_BIEN_AVEC_FELICITATIONS_DU_JURY",
            )
        ),
        "modalitesInscription": _ENROLMENT,
        "identificationTitulaire": Group(
            {"dossierFormation": _FOLDER, "titulaire": _PERSON, "identifiantNational": _NATIONAL},
            exclusive=True,
        ),
        "verbatim": _optional(_TEXT),
    }
)

_CERTIFICATION: Final = Group(
    {
        "type": Leaf(_TEXT),
        "code": Leaf(_text(1, 100)),
        "natureDeposant": _optional(_one_of("CERTIFICATEUR", "TIERS_CONFIANCE")),
        "passageCertifications": Many("passageCertification", PASSAGE, least=0),  # counted on their way
    }
)

_CERTIFIER: Final = Group(
    {
        "idClient": Leaf(_text(8, 8)),
        "idContrat": Leaf(_text(1, 20)),
        "certifications": Many("certification", _CERTIFICATION),
    }
)

FLUX: Final = Group(
    {
        "idFlux": Leaf(_text(1, 50)),
        "horodatage": Leaf(_moment),
        "action": _optional(_one_of(CREATION, SUPPRESSION)),
        "emetteur": Group(
            {"idClient": Leaf(_text(8, 8)), "certificateurs": Group({"certificateur": _CERTIFIER})}
        ),
    }
)
