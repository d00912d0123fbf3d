"""COSE: signatures in CBOR (RFC 9052), for those who count bytes.

``sign1``   one signature around a payload: COSE_Sign1
``cwt``     claims in such a payload: CBOR Web Token (RFC 8392)
"""
