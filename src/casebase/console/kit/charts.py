"""Charts drawn on the server as SVG by pygal, coloured by the console's stylesheet.

A strict Content-Security-Policy forbids what pygal embeds for interaction (style, script, style attributes), and
fixed colours could not follow the dark theme, so the tree keeps geometry, text and classes only. Each chart comes
with the table of its figures, which is what a screen reader reads.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any
from xml.etree import ElementTree

from markupsafe import Markup
from pygal import Bar, Config, HorizontalBar, HorizontalStackedBar, Line, StackedBar
from pygal.graph.graph import Graph
from pygal.style import Style

from casebase.console.kit.format import money, number

# pygal puts an importer for plugins into the interpreter, in a form that makes every later import warn on 3.11.
sys.meta_path[:] = [finder for finder in sys.meta_path if type(finder).__name__ != "PluginImportFixer"]

Series = Mapping[str, Sequence[float | int | None]]
Links = Mapping[str, Sequence[str | None]]
"""Where each value of a series leads, if it leads anywhere."""

_SVG = "{http://www.w3.org/2000/svg}"
_FONT_SIZE = 13


@dataclass(frozen=True, slots=True)
class Chart:
    """A drawing and the figures behind it, as the template macro ``chart`` shows them."""

    title: str
    wide: Markup
    narrow: Markup
    """The same for a narrow column or a phone; texts keep their size, so the drawing itself must differ."""
    labels: tuple[str, ...]
    series: tuple[tuple[str, tuple[str, ...]], ...]
    links: tuple[tuple[str | None, ...], ...]
    """Where each figure leads, a tuple a series."""


def bars(
    title: str,
    labels: Sequence[str],
    series: Series,
    *,
    show: Callable[[Any], str] = money,
    links: Links | None = None,
) -> Chart:
    """Draw one group of bars per label."""
    return _chart(Bar, title, labels, series, show, links)


def stacked_bars(
    title: str,
    labels: Sequence[str],
    series: Series,
    *,
    show: Callable[[Any], str] = money,
    links: Links | None = None,
) -> Chart:
    """Draw one bar per label, made of one part per series."""
    return _chart(StackedBar, title, labels, series, show, links)


def horizontal_bars(
    title: str,
    labels: Sequence[str],
    series: Series,
    *,
    show: Callable[[Any], str] = number,
    links: Links | None = None,
    is_stacked: bool = False,
) -> Chart:
    """Draw lying bars, for long labels; with ``is_stacked`` one a label, made of one part per series."""
    return _chart(HorizontalStackedBar if is_stacked else HorizontalBar, title, labels, series, show, links)


def lines(
    title: str,
    labels: Sequence[str],
    series: Series,
    *,
    show: Callable[[Any], str] = money,
    is_from_zero: bool = False,
) -> Chart:
    """Draw one line per series over the labels; ``None`` leaves a gap."""
    return _chart(Line, title, labels, series, show, None, is_from_zero)


def _chart(
    kind: type[Graph],
    title: str,
    labels: Sequence[str],
    series: Series,
    show: Callable[[Any], str],
    links: Links | None,
    is_from_zero: bool = False,
) -> Chart:
    is_lying = kind in (HorizontalBar, HorizontalStackedBar)
    leads = {name: tuple((links or {}).get(name) or (None,) * len(values)) for name, values in series.items()}

    def draw(name: str, width: int, height: int, label_count: int) -> Markup:
        config = Config()
        config.css, config.js = [], []
        config.classes = ("pygal-chart", name)
        graph = kind(
            config,
            style=_style(),
            width=width,
            height=height,
            margin=4,
            margin_right=28,
            spacing=12,
            show_legend=False,
            value_formatter=show,
            # Amounts stand side by side below lying bars, and a phone has room for few.
            max_scale=3 if is_lying and name == "narrow" else 6,
            include_x_axis=is_from_zero,
            # Counts have no halves, which would be written as the whole number beside them.
            order_min=0 if all(isinstance(v, int) for values in series.values() for v in values) else None,
            rounded_bars=None if kind in (StackedBar, HorizontalStackedBar) else 3,
            show_dots=len(labels) <= label_count or any(map(_has_lone, series.values())),
            x_labels_major_count=label_count if _is_crowded(kind, labels, label_count) else None,
            show_minor_x_labels=not _is_crowded(kind, labels, label_count),
            truncate_label=-1,
        )
        # Fewer, narrower bars read better; pygal offers no setting for it.
        graph._series_margin = 0.18
        # Lying bars are drawn from the bottom up, but read from the top down.
        order = -1 if is_lying else 1
        graph.x_labels = list(labels)[::order]
        for legend, values in series.items():
            points = [_point(value, link) for value, link in zip(values, leads[legend], strict=True)]
            graph.add(legend, points[::order])
        tree = graph.render_tree()
        _keep_drawing(tree)
        return Markup(ElementTree.tostring(tree, encoding="unicode"))  # noqa: S704 - pygal escapes its labels

    return Chart(
        title,
        draw("wide", 660, 300, 7),
        draw("narrow", 350, 260, 4),
        tuple(labels),
        tuple((name, tuple(show(value) for value in values)) for name, values in series.items()),
        tuple(leads.values()),
    )


def _point(value: float | int | None, link: str | None) -> Any:
    # The drawing is hidden from readers, whose links are in the table; so it must not take the keyboard either.
    return value if link is None else {"value": value, "xlink": {"href": link, "tabindex": "-1"}}


def _has_lone(values: Sequence[float | int | None]) -> bool:
    """Tell whether a value has none beside it: no line leads to it, so only a dot shows it."""
    around = [None, *values, None]
    return any(
        value is not None and around[n] is None and around[n + 2] is None for n, value in enumerate(values)
    )


def _is_crowded(kind: type[Graph], labels: Sequence[str], label_count: int) -> bool:
    return kind not in (HorizontalBar, HorizontalStackedBar) and len(labels) > label_count


@lru_cache(maxsize=1)
def _style() -> Style:
    # Only sizes count here: pygal measures texts with them. Colours and fonts come from console.css.
    return Style(label_font_size=_FONT_SIZE, major_label_font_size=_FONT_SIZE, value_font_size=_FONT_SIZE)


def _keep_drawing(root: Any) -> None:
    """Drop what the policy forbids or a reader would hear twice, and leave classes for the stylesheet."""
    for parent in list(root.iter()):
        parent.attrib.pop("style", None)
        for child in list(parent):
            tag = child.tag.removeprefix(_SVG) if isinstance(child.tag, str) else None
            is_tooltip = "tooltip-overlay" in child.attrib.get("class", "") if tag else False
            if tag in (None, "defs", "script", "style", "title", "desc") or is_tooltip:
                parent.remove(child)
    root.attrib.pop("id", None)
    root.set("aria-hidden", "true")
    root.set("focusable", "false")
