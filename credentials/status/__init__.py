"""Whether a credential still holds: Bitstring Status List 1.0 and Token Status List.

Two lists, two orders of bits: a bitstring counts from the most significant bit of its first byte, a
token list from the least significant.
"""

from credentials.status.check import StatusAnswer, check_status
from credentials.status_references import StatusReference, references_ld, references_sd

__all__ = ["StatusAnswer", "StatusReference", "check_status", "references_ld", "references_sd"]
