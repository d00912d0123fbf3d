"""What a workbook (XLSX, ECMA-376 Office Open XML) is made of: its sheets, its formats, and whether it may be
opened at all."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Final

from boundary import limits, xml_scan, xml_stream
from boundary.archive import Archive
from boundary.xml_stream import Element
from credentials.characters import printable
from credentials.nir import looks_like_nir
from issuer.intake.sheet import Layout, holds_anything, look_through
from problems import InputError, LimitError, ParsingError

_RELATIONS: Final = (
    "http://schemas.openxmlformats.org/officeDocument/2006/relationships",
    "http://purl.oclc.org/ooxml/officeDocument/relationships",  # ISO/IEC 29500 Strict
)
_ROOT: Final = "_rels/.rels"
_WORKBOOK: Final = "xl/workbook.xml"
_LINKS: Final = "xl/_rels/workbook.xml.rels"
_STYLES: Final = "xl/styles.xml"
_KEPT: Final = (_ROOT, _WORKBOOK, _LINKS, _STYLES, "xl/sharedstrings.xml")
_SHOWN_NAME: Final = 31  # the longest that Excel lets a sheet have


@dataclass(frozen=True)
class Sheet:
    """A worksheet: its name, the part of the archive that holds it, whether people see it."""

    name: str
    part: str
    visible: bool

    @property
    def shown(self) -> str:
        """Its name as it may be repeated."""
        return "…" if looks_like_nir(self.name) else printable(self.name)[:_SHOWN_NAME]

    def cell(self, row: int, column: str) -> str:
        """Return ``Feuil1!B12``, as formulas write it."""
        plain = re.fullmatch(r"[^\W\d]\w*", self.shown)
        quoted = self.shown if plain else "'" + self.shown.replace("'", "''") + "'"
        return f"{quoted}!{column}{row}"


class Workbook:
    """A workbook whose parts were measured. Raises InputError for one of another kind, and what
    :class:`boundary.archive.Archive` raises."""

    def __init__(self, file: BinaryIO) -> None:
        if file.seek(0, 2) > limits.WORKBOOK_BYTES:
            raise LimitError("intake.too_large", limit=limits.WORKBOOK_BYTES)
        self._archive = Archive(file)
        _refuse_other_kinds(self._archive)
        self._targets = self._measure()
        self.sheets = self._sheets()

    def choose(self, wanted: str | None) -> Sheet:
        """Return the sheet to read: the one named, or else the only visible one that holds anything.

        Raises InputError ``workbook.no_such_sheet``, ``workbook.which_sheet``, ``workbook.only_hidden``,
        ``intake.empty``.
        """
        if wanted is not None:
            return self._named(wanted)
        filled = self.filled()
        visible = [sheet for sheet in filled if sheet.visible]
        if len(visible) == 1:
            return visible[0]
        if visible:
            raise InputError("workbook.which_sheet", sheets=_names(visible))
        if filled:
            raise InputError("workbook.only_hidden", sheets=_names(filled))
        raise InputError("intake.empty")

    def filled(self) -> list[Sheet]:
        """Return the sheets that hold anything, hidden ones among them."""
        return [sheet for sheet in self.sheets if holds_anything(self._archive.chunks(sheet.part))]

    def layout(self, sheet: Sheet) -> Layout:
        """Look through a sheet; raise the problems of :func:`issuer.intake.sheet.look_through`."""
        return look_through(self._archive.chunks(sheet.part), self._altering())

    def _named(self, wanted: str) -> Sheet:
        for sheet in self.sheets:
            if sheet.name == wanted:
                return sheet
        raise InputError("workbook.no_such_sheet", sheets=_names(self.sheets))

    def _sheets(self) -> list[Sheet]:
        listed = self._tree(_WORKBOOK).child("sheets")
        sheets = [_sheet(element, self._targets) for element in (listed.children if listed else ())]
        found = [sheet for sheet in sheets if sheet is not None]
        if len(found) > limits.WORKBOOK_SHEETS:
            raise LimitError("workbook.too_many_sheets", limit=limits.WORKBOOK_SHEETS)
        if not found:
            raise ParsingError("workbook.damaged")
        return found

    def _links(self, part: str, base: str) -> Iterator[tuple[str, str, str]]:
        """Yield id, kind and part of each relationship that stays in the archive."""
        for element in self._tree(part).children:
            link = element.attributes
            if link.get("TargetMode", "Internal") == "Internal":
                kind = link.get("Type", "").rpartition("/")[2]
                yield link.get("Id", ""), kind, _part(link.get("Target", ""), base)

    def _measure(self) -> dict[str, str]:
        """Go once through what a reader keeps whole, however it finds it: by name, in whatever case, or by
        links. Return the part of each worksheet by the id of its link."""
        if [part for _, kind, part in self._links(_ROOT, "") if kind == "officeDocument"] != [_WORKBOOK]:
            raise ParsingError("workbook.damaged")
        links = list(self._links(_LINKS, "xl/"))
        linked = {part for _, kind, part in links if kind in ("sharedStrings", "styles")}
        for name in self._archive.parts:
            if name in linked or name.lower() in _KEPT:
                xml_scan.scan(self._archive.chunks(name, limit=limits.WORKBOOK_TEXTS_BYTES))
        return {id_: part for id_, kind, part in links if kind == "worksheet"}

    def _tree(self, name: str) -> Element:
        *_, root = xml_stream.stream(self._archive.chunks(name, limit=limits.INFLATED_BYTES), ())
        return root

    def _altering(self) -> list[int]:
        """Return the styles whose number format shows another number than the one that is stored."""
        if _STYLES not in self._archive.parts:
            return []
        root = self._tree(_STYLES)
        customs = {
            element.attributes.get("numFmtId", ""): element.attributes.get("formatCode", "")
            for element in _children(root, "numFmts")
        }
        formats = [element.attributes.get("numFmtId", "0") for element in _children(root, "cellXfs")]
        return [style for style, id_ in enumerate(formats) if not _shows_its_number(id_, customs)]


def refuse_other_kinds(path: Path) -> None:
    """Raise InputError when an archive is no XLSX workbook, saying which other kind it is."""
    with path.open("rb") as file:
        try:
            archive = Archive(file)
        except ParsingError:
            raise InputError("intake.archive") from None
        _refuse_other_kinds(archive)


def _refuse_other_kinds(archive: Archive) -> None:
    if "xl/workbook.bin" in archive.parts:
        raise InputError("workbook.binary")
    if "mimetype" in archive.parts and "content.xml" in archive.parts:
        raise InputError("workbook.opendocument")
    if _WORKBOOK not in archive.parts:
        raise InputError("intake.archive")


def _sheet(element: Element, targets: dict[str, str]) -> Sheet | None:
    """None for what is no worksheet: charts, dialogs, macros."""
    ids = (element.attributes.get(f"{namespace} id") for namespace in _RELATIONS)
    part = next((targets[id_] for id_ in ids if id_ in targets), None)
    visible = element.attributes.get("state", "visible") == "visible"
    return None if part is None else Sheet(element.attributes.get("name", ""), part, visible)


def _part(target: str, base: str) -> str:
    """Targets are relative to the folder of what links to them, or begin at the root of the archive."""
    return target.removeprefix("/") if target.startswith("/") else f"{base}{target}"


def _children(root: Element, name: str) -> Sequence[Element]:
    child = root.child(name)
    return child.children if child else ()


_BUILT_IN: Final = frozenset({"0", "1", "2", "3", "4", "49"})  # §18.8.30: General, 0, 0.00, #,##0, text
_PADDING: Final = re.compile(r"_.|\*.|\\ |\s|\[\$[^\]]*\]")
_SAME_NUMBER: Final = re.compile(r"General|Standard|@|[#,]*0?(?:\.[0#]+)?")


def _shows_its_number(id_: str, customs: dict[str, str]) -> bool:
    """Whether the format keeps the figures of a number: no zeros before it, no sign or word around it."""
    if id_ not in customs:
        return id_ in _BUILT_IN
    first = customs[id_].partition(";")[0]
    return _SAME_NUMBER.fullmatch(_PADDING.sub("", first)[:100]) is not None


def _names(sheets: Sequence[Sheet]) -> str:
    return ", ".join(sheet.shown for sheet in sheets[:20])
