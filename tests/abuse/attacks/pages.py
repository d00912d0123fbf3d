"""Texts and pictures that act when a page shows them otherwise than as what they are."""

_SVG = '<svg xmlns="http://www.w3.org/2000/svg"'


def xss() -> list[str]:
    return [
        "<script>alert(1)</script>",
        '"><img src=x onerror=alert(1)>',
        "'-alert(1)-'",
        "{{7*7}}",
        "${7*7}",
        "javascript:alert(1)",
        "</title><svg/onload=alert(1)>",
        '<a href="data:text/html,<script>alert(1)</script>">x</a>',
        "\u202egpj.exe",
        "A\u0300" * 5_000,
        "аpple.fr",
        "</script><script>alert(1)</script>",
        "[x](javascript:alert(1))",
        "\u2028alert(1)//",
    ]


def svg_active() -> list[str]:
    return [
        f"{_SVG}><script>alert(1)</script></svg>",
        f'{_SVG} onload="alert(1)"/>',
        f'{_SVG}><foreignObject><iframe src="javascript:alert(1)"/></foreignObject></svg>',
        f'{_SVG}><use href="https://autre.example/a.svg#x"/></svg>',
        f'{_SVG}><image href="https://autre.example/track?h=1"/></svg>',
        f"{_SVG}><style>@import url(https://autre.example/a.css)</style></svg>",
    ]
