"""The flame graph: widths are shares, small frames are left out, and nothing in it comes from elsewhere."""

import xml.etree.ElementTree as ET
from collections import Counter

from benchmarks.flame import MARGIN, WIDTH, draw

_STACKS = Counter(
    {
        ("run (asyncio/runners.py)", "loop (base_events.py)", "admit (omna/gateway/admission.py)"): 7_500,
        ("run (asyncio/runners.py)", "loop (base_events.py)", "post<T> (aiohttp/client.py)", "write (x/y.py)"): 2_495,
        ("run (asyncio/runners.py)", "loop (base_events.py)", "rare (omna/gateway/rare.py)"): 5,
    }
)


def test_frames_are_as_wide_as_their_share() -> None:
    drawing = draw(_STACKS, "title <1>")
    tree = ET.fromstring(drawing)
    rectangles = {
        title.text: float(rectangle.attrib["width"])
        for rectangle in tree.iter("{http://www.w3.org/2000/svg}rect")
        for title in rectangle
    }
    assert rectangles["loop (base_events.py): 100.0 %"] == WIDTH - 2 * MARGIN
    assert rectangles["admit (omna/gateway/admission.py): 75.0 %"] == (WIDTH - 2 * MARGIN) * 0.75
    assert f"post<T> (aiohttp/client.py): {24.95:.1f} %" in rectangles
    assert not [title for title in rectangles if title and ("rare" in title or "runners" in title)]


def test_way_to_the_loop_of_a_thread_is_left_out_beside_another_thread() -> None:
    drawing = draw(_STACKS + Counter({("outside Python",): 10_000}), "title")
    assert "<title>loop (base_events.py): 50.0 %</title>" in drawing
    assert "<title>outside Python: 50.0 %</title>" in drawing
    assert "runners" not in drawing


def test_graph_asks_for_nothing_from_elsewhere() -> None:
    drawing = draw(_STACKS, "title")
    assert drawing.count("http:") == 1, "the name of the format alone"
    assert "<script" not in drawing
    assert "href" not in drawing


def test_nothing_sampled_is_drawn_as_nothing() -> None:
    assert ET.fromstring(draw(Counter(), "title")) is not None
