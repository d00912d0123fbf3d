"""SD-JWT VC: claims behind digests, of which the holder shows a part (RFC 9901)."""

from proofs.sd_jwt.claims import check_dates
from proofs.sd_jwt.disclosure import Path
from proofs.sd_jwt.issue import issue
from proofs.sd_jwt.key_binding import HolderExpectation, KeyBinding, VerifiedHolder
from proofs.sd_jwt.present import disclosed, present, unverified
from proofs.sd_jwt.serialization import SdJwt, parse
from proofs.sd_jwt.verify import VerifiedSdJwt, receive, verify

__all__ = [
    "HolderExpectation",
    "KeyBinding",
    "Path",
    "SdJwt",
    "VerifiedHolder",
    "VerifiedSdJwt",
    "check_dates",
    "disclosed",
    "issue",
    "parse",
    "present",
    "receive",
    "unverified",
    "verify",
]
