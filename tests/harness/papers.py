"""What stands in a PDF."""

import io

from pypdf import PdfReader


def text_of(pdf: bytes) -> str:
    """Return the text of a PDF in the order it is drawn, with single spaces."""
    pages = [page.extract_text() for page in PdfReader(io.BytesIO(pdf)).pages]
    return " ".join(" ".join(pages).split())
