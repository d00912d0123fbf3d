"""What texts may be made of: real names pass, whatever cannot be seen or signed alike does not."""

import unicodedata

import pytest

from issuer.intake.characters import clean, is_garbled, is_sound

NAMES = [
    "D'ARGENT-LEBŒUF", "NGUYỄN", "Thị Lan", "Siobhán", "O’NEILL", "Ōe", "Đặng", "ŁUKASZ", "Ælfgifu", "ÅÄÖ",
    "José María", "İstanbul", "Зоя", "李", "محمد", "נועה", "می‌خواهم", "Ñandú", "JOÃO", "ʻOkina",
]  # fmt: skip
UNSOUND = {
    "line end": "A\nB", "tab": "A\tB", "null": "A\0", "escape": "\x1b[31mA", "C1 control": "A\x85",
    "right-to-left override": "\u202egpj.exe", "isolate": "A\u2066B", "zero width space": "A\u200bB",
    "soft hyphen": "A\u00adB", "word joiner": "A\u2060B", "byte order mark": "A\ufeffB", "mark": "A\u200eB",
    "private use": "A\ue000", "noncharacter": "A\ufdd0", "unassigned": "A\u0378", "separator": "A\u2028B",
    "stacked marks": "A" + "\u0300" * 5, "half a character": "A\ud800",
}  # fmt: skip
GARBLED = ["FranÃ§ois", "Ã‰lodie", "LEBÅ’UF Ã©", "NoÃ«l", "dâ€™Argent", "Fran\ufffdois", "Â°C"]


@pytest.mark.parametrize("name", NAMES)
def test_names_of_real_life_pass(name):
    assert is_sound(name)
    assert not is_garbled(name)


@pytest.mark.parametrize("text", UNSOUND.values(), ids=UNSOUND)
def test_what_cannot_be_seen_does_not(text):
    assert not is_sound(text)


@pytest.mark.parametrize("text", GARBLED)
def test_damaged_accents_are_recognised(text):
    assert is_garbled(text)


@pytest.mark.parametrize("name", NAMES)
def test_accents_are_composed_and_blanks_around_go(name):
    apart = unicodedata.normalize("NFD", f"  {name}\u00a0 ")
    assert clean(apart) == unicodedata.normalize("NFC", name)
