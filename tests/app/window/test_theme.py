"""Colours that can be told apart, in both schemes."""

import pytest
from PySide6.QtGui import QColor, QPalette

from app.window.theme import COLOURS, Role, Scheme, apply_theme, colour, scheme_in_use

READABLE = 4.5
"""Contrast of text that everybody can read: WCAG 2.1, success criterion 1.4.3."""
VISIBLE = 3.0
"""Of large text and of marks: WCAG 2.1, 1.4.11."""


def luminance(name):
    """Relative luminance of a colour, WCAG 2.1."""
    linear = [_linear(part / 255) for part in QColor(name).getRgb()[:3]]
    return sum(share * each for share, each in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


def _linear(part):
    return part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4


def contrast(scheme, one, other):
    low, high = sorted(luminance(COLOURS[scheme][each]) for each in (one, other))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("scheme", Scheme)
@pytest.mark.parametrize(
    ("text", "ground", "least"),
    [
        (Role.TEXT, Role.BACKGROUND, READABLE),
        (Role.TEXT, Role.SURFACE, READABLE),
        (Role.TEXT, Role.RAISED, READABLE),
        (Role.TEXT, Role.HOVER, READABLE),
        (Role.TEXT, Role.ERROR_SURFACE, READABLE),
        (Role.TEXT, Role.QUESTION_SURFACE, READABLE),
        (Role.MUTED, Role.BACKGROUND, READABLE),
        (Role.MUTED, Role.SURFACE, READABLE),
        (Role.MUTED, Role.ERROR_SURFACE, READABLE),
        (Role.ON_ACCENT, Role.ACCENT, READABLE),
        (Role.ON_STOP, Role.STOP, READABLE),
        (Role.ACCENT, Role.SURFACE, VISIBLE),
        (Role.WARNING, Role.SURFACE, VISIBLE),
        (Role.GOOD, Role.SURFACE, VISIBLE),
        (Role.STOP, Role.SURFACE, VISIBLE),
        (Role.FAINT, Role.SURFACE, VISIBLE),
    ],
)
def test_text_can_be_read_on_its_ground(scheme, text, ground, least):
    assert contrast(scheme, text, ground) >= least


@pytest.mark.parametrize("scheme", Scheme)
def test_every_role_has_a_colour(scheme):
    assert set(COLOURS[scheme]) == set(Role)
    assert all(QColor(name).isValid() for name in COLOURS[scheme].values())


def test_the_theme_changes_while_the_program_runs(qapp):
    try:
        apply_theme(qapp, Scheme.LIGHT)
        assert scheme_in_use() is Scheme.LIGHT
        assert colour(Role.TEXT).name() == COLOURS[Scheme.LIGHT][Role.TEXT]
        assert qapp.palette().color(QPalette.ColorRole.WindowText) == colour(Role.TEXT)
    finally:
        apply_theme(qapp, Scheme.DARK)
    assert colour(Role.TEXT).name() == COLOURS[Scheme.DARK][Role.TEXT]
