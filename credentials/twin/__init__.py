"""The offline twin: what a QR code can carry of a credential, signed by the same issuer.

A CBOR Web Token of some 300 bytes that stands beside a full credential and says its public face: who,
what, when. It has a status index of its own, and sixteen bytes of the full credential's digest, so that
it belongs to that one and no other. There are two, which no reader can take for each other:

==========  ===============================  ==========================================
``paper``   name and birth date, no key      whoever holds it can show it: compare with
                                             an identity document
``screen``  name and the holder's key, no    the key signs the time again at each
            birth date                       showing, see :mod:`exchange.offline`
==========  ===============================  ==========================================

All or nothing: a twin has no items to choose from.
"""

from credentials.twin.facts import facts_twin
from credentials.twin.token import KINDS, Twin, TwinKind, binds, is_twin, issue, parse, possible

__all__ = ["KINDS", "Twin", "TwinKind", "binds", "facts_twin", "is_twin", "issue", "parse", "possible"]
