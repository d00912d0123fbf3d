"""BBS signatures (draft-irtf-cfrg-bbs-signatures): one signature over many messages.

Whoever holds it proves that it is there and shows some of the messages, and no two such proofs can be
linked. Signing is here because secrets stay in this room; the rest is beside it because it is one scheme.
"""
