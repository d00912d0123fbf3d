"""From a picture to the texts of the QR codes on it. The one module that imports zxing-cpp."""

import io
import warnings
from dataclasses import dataclass
from typing import Final

import zxingcpp
from PIL import Image, UnidentifiedImageError

from boundary import limits
from problems import InputError, LimitError, ParsingError

_FORMATS: Final = ("PNG", "JPEG", "WEBP", "GIF")
_CODES: Final = zxingcpp.BarcodeFormats(zxingcpp.BarcodeFormat.QRCode)
_SIDE: Final = 4_096  # pixels; version 40 on an eighth of it still has 2.5 pixels per module

Image.MAX_IMAGE_PIXELS = limits.IMAGE_PIXELS
warnings.simplefilter("error", Image.DecompressionBombWarning)


@dataclass(frozen=True)
class Seen:
    """What the codes on one picture say, each text once, from top to bottom.

    ``unreadable`` when something has the shape of a code and cannot be read: what is seen may not be all.
    """

    texts: tuple[str, ...]
    unreadable: bool = False


def read_image(data: bytes) -> Seen:
    """Return the codes on a PNG, JPEG, WebP or GIF (first frame); none when there is none.

    Raises LimitError ``image.file_too_large`` and ``image.too_large`` before anything is decoded;
    InputError for what is no picture of these; ParsingError ``image.damaged``.
    """
    if len(data) > limits.IMAGE_BYTES:
        raise LimitError("image.file_too_large", limit=limits.IMAGE_BYTES >> 20)
    return read_pixels(_grey(data))


def read_pixels(grey: Image.Image) -> Seen:
    """Return the codes on a picture in memory: turned, mirrored, light on dark, small in a large one."""
    found = zxingcpp.read_barcodes(grey, _CODES, text_mode=zxingcpp.TextMode.Plain, return_errors=True)
    codes = sorted((code for code in found if code.valid), key=_place)
    texts = dict.fromkeys(code.text for code in codes)
    return Seen(tuple(texts), unreadable=not all(code.valid for code in found))


def _place(code: zxingcpp.Barcode) -> tuple[int, int]:
    corner = code.position.top_left
    return corner.y, corner.x


def _grey(data: bytes) -> Image.Image:
    try:
        with Image.open(io.BytesIO(data), formats=_FORMATS) as image:
            _require_size(image)
            image.draft("L", (_SIDE, _SIDE))  # JPEG: decode no more than needed
            grey = _on_white(image).convert("L")
            grey.thumbnail((_SIDE, _SIDE), Image.Resampling.BOX)
            return grey
    except UnidentifiedImageError:
        raise InputError("image.not_an_image") from None
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise _too_many_pixels() from None
    except (OSError, SyntaxError, ValueError, EOFError, IndexError) as error:  # how Pillow says "broken"
        raise ParsingError("image.damaged") from error


def _require_size(image: Image.Image) -> None:
    if image.width * image.height > limits.IMAGE_PIXELS:
        raise _too_many_pixels()


def _too_many_pixels() -> LimitError:
    return LimitError("image.too_large", limit=limits.IMAGE_PIXELS // 1_000_000)


def _on_white(image: Image.Image) -> Image.Image:
    """A transparent background is white to the eye and black to a decoder."""
    if not image.has_transparency_data:
        return image
    layer = image.convert("RGBA")
    return Image.alpha_composite(Image.new("RGBA", layer.size, "white"), layer)
