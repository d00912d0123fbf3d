"""Addresses and identifiers made to lead a server where it must not go.

Named as the catalogue (``cases.yaml``) names them.
"""


def ssrf_urls():
    return [
        "http://127.0.0.1/", "https://localhost/", "https://[::1]/", "https://0.0.0.0/", "https://0/",
        "https://2130706433/", "https://0x7f000001/", "https://127.1/", "https://[::ffff:127.0.0.1]/",
        "https://[fe80::1%25eth0]/", "https://10.0.0.1/", "https://172.16.0.1/", "https://192.168.0.1/",
        "https://100.64.0.1/", "http://169.254.169.254/latest/meta-data/", "https://[fd00:ec2::254]/",
        "https://user:pw@127.0.0.1/", "https://issuer.test@127.0.0.1/", "https://127.0.0.1#issuer.test",
        "https://issuer.test:22/", "file:///etc/passwd", "gopher://127.0.0.1:6379/_INFO",
        "ftp://127.0.0.1/", "data:application/json,{}", "unix:/var/run/docker.sock",
        "https://127.0.0.1.nip.io/", "https://rebind.test/", "https://redirect.test/",
        "https://①②⑦.⓪.⓪.①/", "//127.0.0.1/x", "https://64:ff9b::7f00:1/",
    ]  # fmt: skip


def did_web_bad():
    return [
        "did:web:localhost", "did:web:127.0.0.1", "did:web:127.0.0.1%3A8080",
        "did:web:example.com:..:..:etc:passwd", "did:web:example.com:%2e%2e:x",
        "did:web:example.com%2f..%2fx",
        "did:web:user@evil.test", "did:web:example.com%23", "did:web:", "did:web:exa mple.com",
        "did:web:example.com:" + "a:" * 5000, "did:web:xn--80ak6aa92e.com", "did:web:EXAMPLE.com",
        "did:web:example.com?x=1", "did:web:example.com%00",
    ]  # fmt: skip


def did_key_bad():
    return [
        "did:key:", "did:key:z", "did:key:z6Mk", "did:key:zQ3shBAD", "did:key:f0120", "did:key:u7QE",
        "did:key:z" + "1" * 100_000, "did:key:z6MkhaXgBZDvotDkL5257faiztiGiC2QtKLGpbnnEGta2do0",
    ]  # fmt: skip
