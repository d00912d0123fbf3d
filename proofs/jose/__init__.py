"""VCDM documents in JOSE envelopes: what is signed is the document itself (VC-JOSE-COSE §3.1, §3.2)."""

from proofs.jose.envelope import FORMS, Form, Payload, peek, unverified
from proofs.jose.secure import secure
from proofs.jose.verify import Verified, VerifiedPresentation, verify, verify_presentation

__all__ = [
    "FORMS",
    "Form",
    "Payload",
    "Verified",
    "VerifiedPresentation",
    "peek",
    "secure",
    "unverified",
    "verify",
    "verify_presentation",
]
