"""OpenID4VP 1.0 without sockets: what a verifier asks and a wallet answers, made and read by both.

request.py    the authorization request, plain and signed
client_id.py  who asks, and how a wallet knows
response.py   the answer, plain and encrypted
link.py       the QR code or link that opens a wallet
"""
