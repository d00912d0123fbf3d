"""What selective disclosure is made of, each operation under the name that vc-di-ecdsa §3.4 gives it."""
