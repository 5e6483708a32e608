"""Pain before and after each session, as an SVG picture."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import tzinfo

from companion.history.journal import Session
from companion.history.progress import local, pain

WIDTH, HEIGHT = 800, 320  # of everything, in the picture's units
LEFT, RIGHT, TOP, BOTTOM = 50, 20, 50, 40  # margins
DATES = 8  # under the picture, at most
WORST = 10  # the highest pain score
LINES = (("before", "#b35900"), ("after", "#00695c"))


def as_svg(sessions: Sequence[Session], zone: tzinfo | None = None) -> str:
    """The picture of all sessions in which pain was told before and after, from left to right."""
    told = [(session, pain(session)) for session in sessions if None not in pain(session)]
    across = [_across(index, len(told)) for index in range(len(told))]
    lines = [*_frame()]
    for which, (name, colour) in enumerate(LINES):
        points = [(x, _up(scores[which] or 0)) for x, (_, scores) in zip(across, told, strict=True)]
        lines += _line(points, colour)
        lines.append(f'<text x="{WIDTH - 160 + 70 * which}" y="24" fill="{colour}">● {name}</text>')
    step = max(1, -(-len(told) // DATES))
    for x, (session, _) in list(zip(across, told, strict=True))[::step]:
        day = f"{local(session.started, zone):%d %b %Y}"
        lines.append(f'<text x="{x}" y="{HEIGHT - 14}" text-anchor="middle">{day}</text>')
    return "\n".join([*lines, "</svg>", ""])


def _frame() -> Iterator[str]:
    yield (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}"'
        ' font-family="sans-serif" font-size="12">'
    )
    yield "<title>Pain before and after each session</title>"
    yield f'<rect width="{WIDTH}" height="{HEIGHT}" fill="white"/>'
    yield f'<text x="{LEFT}" y="24" font-size="16">Pain, from 0 to {WORST}</text>'
    for score in range(0, WORST + 1, 2):
        y = _up(score)
        yield f'<line x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y}" y2="{y}" stroke="#ddd"/>'
        yield f'<text x="{LEFT - 10}" y="{y + 4}" text-anchor="end">{score}</text>'


def _line(points: Sequence[tuple[float, float]], colour: str) -> Iterator[str]:
    joined = " ".join(f"{x},{y}" for x, y in points)
    yield f'<polyline points="{joined}" fill="none" stroke="{colour}" stroke-width="2"/>'
    for x, y in points:
        yield f'<circle cx="{x}" cy="{y}" r="4" fill="{colour}"/>'


def _across(index: int, count: int) -> float:
    """Where the session with this index stands, in the picture's units."""
    return round(LEFT + (WIDTH - LEFT - RIGHT) * (index + 0.5) / count, 1)


def _up(score: int) -> float:
    return round(TOP + (HEIGHT - TOP - BOTTOM) * (1 - score / WORST), 1)
