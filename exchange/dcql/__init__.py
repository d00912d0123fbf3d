"""DCQL, the query language of OpenID4VP 1.0 (§6, §7): what a verifier asks for, and what answers it.

query.py   read and written strictly
paths.py   claims path pointers
match.py   which credentials answer, and with which claims: the same for the wallet that chooses
           and for the verifier that looks again at what it got
"""

from exchange.dcql.match import Candidate, Match, Options, matches, options, satisfied
from exchange.dcql.query import ClaimQuery, CredentialQuery, CredentialSet, Query, TrustedAuthority, read

__all__ = [
    "Candidate",
    "ClaimQuery",
    "CredentialQuery",
    "CredentialSet",
    "Match",
    "Options",
    "Query",
    "TrustedAuthority",
    "matches",
    "options",
    "read",
    "satisfied",
]
