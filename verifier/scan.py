"""From a picture to the text of the one QR code on it."""

import io
import warnings
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


def read_image(data: bytes) -> str:
    """Return what the QR code on a PNG, JPEG, WebP or GIF (first frame) says.

    Raises LimitError ``image.file_too_large`` and ``image.too_large`` before anything is decoded;
    InputError for what is no picture of these, has no readable code, or several different ones;
    ParsingError ``image.damaged``.
    """
    if len(data) > limits.IMAGE_BYTES:
        raise LimitError("image.file_too_large", limit=limits.IMAGE_BYTES >> 20)
    codes = zxingcpp.read_barcodes(_grey(data), _CODES, text_mode=zxingcpp.TextMode.Plain)
    found = {code.text for code in codes}
    if not found:
        raise InputError("image.no_code")
    if len(found) > 1:
        raise InputError("image.several_codes", count=len(found))
    return found.pop()


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
