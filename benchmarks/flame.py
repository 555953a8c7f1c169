"""A flame graph of sampled stacks: one SVG file without scripts and without anything from elsewhere.

Width is time, height is who called whom, outermost below; a title names each frame and its share. Frames below a
thousandth of the samples are left out, and so is what the stacks of a thread begin with: the way to its loop.
"""

from collections import Counter
from dataclasses import dataclass, field
from html import escape
from typing import Self

WIDTH = 1600
ROW = 16
MARGIN = 10
HEAD = 44
CHARACTER = 6.2
#: The part of all samples a frame must have to be drawn, and the letters that must fit for its name to be written.
SMALLEST = 0.001
SHORTEST_TEXT = 4
#: The part of a frame's samples that one function must have for the frame itself to be left out of the beginning.
NEARLY_ALL = 0.99

_COLOURS = {"omna": "#f2a65a", "library": "#9cc4e4", "python": "#b8d8a8", "outside": "#d0d0d0"}
_LEGEND = {"omna": "Omna", "library": "libraries", "python": "Python", "outside": "outside Python"}


@dataclass(slots=True)
class Frame:
    """A function in one place of the tree: samples with everything it called."""

    name: str
    samples: int = 0
    called: dict[str, Self] = field(default_factory=dict)


def draw(stacks: Counter[tuple[str, ...]], title: str) -> str:
    """Return the graph of stacks, outermost frame first, with the number of samples of each."""
    root = _tree(stacks)
    root.called = {name: _behind_beginning(frame) for name, frame in root.called.items()}
    smallest = max(1.0, root.samples * SMALLEST)
    rows: list[str] = []
    depth = _draw(root, MARGIN, 0, (WIDTH - 2 * MARGIN) / max(root.samples, 1), smallest, root.samples, rows)
    height = HEAD + (depth + 1) * ROW + MARGIN
    legend = "".join(
        f'<rect x="{MARGIN + 130 * place}" y="26" width="12" height="12" fill="{_COLOURS[kind]}"/>'
        f'<text x="{MARGIN + 130 * place + 16}" y="36">{words}</text>'
        for place, (kind, words) in enumerate(_LEGEND.items())
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" width="{WIDTH}" height="{height}" '
        'font-family="monospace" font-size="10">\n'
        '<rect width="100%" height="100%" fill="#ffffff"/>'
        f'<text x="{MARGIN}" y="16" font-size="13">{escape(title)}</text>'
        f'{legend}\n<g transform="translate(0 {height - MARGIN - ROW})" stroke="#ffffff" stroke-width="0.5">\n'
        + "\n".join(rows)
        + "\n</g>\n</svg>\n"
    )


def _tree(stacks: Counter[tuple[str, ...]]) -> Frame:
    root = Frame("everything")
    for stack, count in stacks.items():
        frame = root
        frame.samples += count
        for name in stack:
            frame = frame.called.setdefault(name, Frame(name))
            frame.samples += count
    return root


def _behind_beginning(frame: Frame) -> Frame:
    """Return the frame where ways part: as long as nearly everything goes on in one function, nothing is to be seen."""
    while frame.called:
        largest = max(frame.called.values(), key=lambda one: one.samples)
        if not largest.called or largest.samples < frame.samples * NEARLY_ALL:
            break
        frame = largest
    return frame


def _draw(frame: Frame, x: float, row: int, scale: float, smallest: float, all_samples: int, rows: list[str]) -> int:
    """Draw a frame and what stands on it; return the highest row."""
    width = frame.samples * scale
    share = frame.samples / max(all_samples, 1) * 100
    y = -row * ROW
    rows.append(
        f'<rect x="{x:.1f}" y="{y}" width="{width:.1f}" height="{ROW}" fill="{_COLOURS[_kind(frame.name)]}">'
        f"<title>{escape(frame.name)}: {share:.1f} %</title></rect>"
    )
    room = int((width - 4) / CHARACTER)
    if room >= SHORTEST_TEXT:
        shown = frame.name.partition(" (")[0]
        text = shown if len(shown) <= room else f"{shown[: room - 1]}…"
        rows.append(f'<text x="{x + 2:.1f}" y="{y + 12}" stroke="none">{escape(text)}</text>')
    highest = row
    for inner in sorted(frame.called.values(), key=lambda one: one.name):
        if inner.samples >= smallest:
            highest = max(highest, _draw(inner, x, row + 1, scale, smallest, all_samples, rows))
            x += inner.samples * scale
    return highest


def _kind(name: str) -> str:
    _, separator, file = name.partition(" (")
    if not separator:
        return "outside"
    if file.startswith("omna/") or "/src/omna/" in file:
        return "omna"
    library = "/" in file and not file.startswith(
        ("asyncio/", "json/", "collections/", "concurrent/", "multiprocessing/")
    )
    return "library" if library else "python"
