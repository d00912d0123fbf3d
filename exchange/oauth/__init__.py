"""OAuth 2.0 as wallets and issuers speak it, as messages: built, read and checked by the same functions.

RFC 6749 with what the best current practice asks (RFC 9700): PAR (RFC 9126), PKCE (RFC 7636), the issuer's
name in the answer (RFC 9207), DPoP (RFC 9449), authorization details (RFC 9396).
"""
