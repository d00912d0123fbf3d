"""Certificates (X.509) of keys, ours and others': chains read and judged, an authority for development."""

from keys.x509.authority import Authority
from keys.x509.chain import Chain, check, read_anchors, read_pem, read_x5c

__all__ = ["Authority", "Chain", "check", "read_anchors", "read_pem", "read_x5c"]
