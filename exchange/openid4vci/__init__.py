"""OpenID for Verifiable Credential Issuance 1.0, as messages: what issuers write and wallets read."""
