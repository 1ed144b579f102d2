"""A table of counts as a bar chart: plain SVG, white ground, greys.

Promises a chart that is read aloud, printed in grey and shown under a strict content policy: attributes alone,
no style, no script, nothing fetched. Must never draw a length for a hidden number.
"""

from html import escape

from api.catalogue.compartments import Labels
from api.reports.counts import Line, Table

WIDTH, ROW, TOP, LABELS, BARS = 720, 34, 56, 300, 330
INK, BAR, HIDDEN, FONT = "#1a1a1a", "#5a5a5a", "#767676", "sans-serif"
TOTAL: Labels = {"en": "Cases in all", "ru": "Всего дел", "uk": "Усього справ"}
FEW: Labels = {"en": "too few to show", "ru": "слишком мало, скрыто", "uk": "замало, приховано"}
LONGEST = 40


def chart_svg(table: Table) -> str:
    """Return the chart; its description says every number that it shows."""
    height = TOP + ROW * len(table.lines) + 40
    most = max((line.cases or 0 for line in table.lines), default=0)
    bars = "".join(_bar(table, place, line, most) for place, line in enumerate(table.lines))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" role="img" lang="{table.language}" '
        f'aria-labelledby="chart-title chart-desc" font-family="{FONT}" font-size="14">'
        f'<title id="chart-title">{escape(table.title)}</title>'
        f'<desc id="chart-desc">{escape(_described(table))}</desc>'
        f'<rect width="{WIDTH}" height="{height}" fill="#ffffff"/>'
        + _text(16, 30, table.title, "start", INK, 18)
        + bars
        + _text(16, height - 14, _total(table), "start", INK, 13)
        + "</svg>"
    )


def _bar(table: Table, place: int, line: Line, most: int) -> str:
    top = TOP + ROW * place
    label = _text(LABELS - 10, top + 17, _short(line.label), "end", INK, 14)
    if line.cases is None:
        return label + _text(LABELS, top + 17, FEW[table.language], "start", HIDDEN, 13)
    length = round(BARS * line.cases / most) if most else 0
    bar = f'<rect x="{LABELS}" y="{top}" width="{length}" height="24" fill="{BAR}"/>'
    return label + bar + _text(LABELS + length + 8, top + 17, str(line.cases), "start", INK, 14)


def _text(left: int, base: int, words: str, anchor: str, ink: str, size: int) -> str:
    place = f'x="{left}" y="{base}" text-anchor="{anchor}" fill="{ink}" font-size="{size}"'
    return f"<text {place}>{escape(words)}</text>"


def _short(label: str) -> str:
    return label if len(label) <= LONGEST else label[: LONGEST - 1].rstrip() + "…"


def _described(table: Table) -> str:
    return "; ".join((*(_line(table, line) for line in table.lines), _total(table)))


def _line(table: Table, line: Line) -> str:
    return f"{line.label}: {FEW[table.language] if line.cases is None else line.cases}"


def _total(table: Table) -> str:
    total = FEW[table.language] if table.total is None else table.total
    return f"{TOTAL[table.language]}: {total}. {table.note}"
