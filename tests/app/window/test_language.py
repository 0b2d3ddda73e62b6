"""Every text in every language, switched while the window runs."""

import re
import string

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QWidget

from app.captures.stack import StackError
from app.window.language import (
    PHRASES,
    Language,
    messages,
    phrase_book,
    said,
    translation_file,
    use_language,
)
from app.window.notice_bar import ErrorBar
from app.window.phrase_book import PhraseBook
from app.window.phrases import phrases_in
from app.window.trouble import describe
from app.window.update_translations import compile_translation, update
from drivers.errors import LimitExceeded

CHINESE = translation_file(Language.CHINESE)
MESSAGES = messages(CHINESE)
PAIRS = [(name, *pair) for name, pairs in MESSAGES.items() for pair in pairs.items()]
BOOK = PhraseBook(
    {
        "Capture": "采集",
        "{0} failed: {1}: {2}": "{0}失败：{1}：{2}",
        "Check the cable.": "请检查电缆。",
        "Go from {0} to {1} µm.": "请从 {0} 到 {1} µm。",
        "{1} lies before {0} here.": "{0}…{1}",
    }
)


@pytest.fixture
def chinese(qapp):
    use_language(qapp, Language.CHINESE)
    yield
    use_language(qapp, Language.ENGLISH)


def places(text):
    """What is put into a text: names with their formats."""
    return sorted(
        (name, form)
        for _text, name, form, _how in string.Formatter().parse(text)
        if name is not None
    )


def test_no_text_of_the_code_is_missing_and_none_is_left_over(tmp_path):
    fresh = tmp_path / "wearif_zh_CN.ts"
    update(fresh, Language.CHINESE)
    wanted = {(name, source) for name, pairs in messages(fresh).items() for source in pairs}
    have = {(name, source) for name, source, _translation in PAIRS}
    assert wanted - have == set(), "run python -m app.window.update_translations and translate"
    assert have - wanted == set(), "run python -m app.window.update_translations"


def test_every_text_has_a_chinese_translation():
    left = [(name, source) for name, source, translation in PAIRS if not translation.strip()]
    assert left == []
    # Symbols and names apart, Chinese is written in Chinese characters.
    english = [
        (name, source)
        for name, source, translation in PAIRS
        if not re.search(r"[\u4e00-\u9fff]", translation) and source not in ("STOP", " /s")
    ]
    assert english == []


@pytest.mark.parametrize(("name", "source", "translation"), PAIRS)
def test_what_is_put_in_is_the_same(name, source, translation):
    assert places(source) == places(translation)
    assert source.count("&") == translation.count("&") or name != "commands"


def test_the_compiled_file_is_that_of_the_texts(tmp_path):
    copy = tmp_path / CHINESE.name
    copy.write_bytes(CHINESE.read_bytes())
    assert compile_translation(copy).read_bytes() == CHINESE.with_suffix(".qm").read_bytes()


def test_phrases_are_found_in_code_and_docstrings_are_not():
    code = '''
"""What this Module does. It says nothing."""
REMEDY = "Check the cable."
def act(axis):
    """Do it. Now."""
    log.info("moved %s", axis)
    raise Rejected(name, "move", "no", f"Choose {axis} within {limits.low:.1f} µm.")
    self._tell(Notice(f"Saved {axis}"))
    key = "not a phrase"
'''
    assert phrases_in(code) == {
        "Check the cable.",
        "Choose {0} within {1} µm.",
        "Saved {0}",
        # What was attempted is a part of the title that the operator reads.
        "move",
    }


def test_phrases_in_phrases_are_translated():
    text = "Capture failed: move z: Check the cable."
    assert BOOK.translate(text) == "采集失败：move z：请检查电缆。"


def test_the_full_stop_of_a_title_is_none_of_what_was_put_in():
    book = PhraseBook({"{0} failed: {1}": "{0} ging nicht: {1}", "no answer": "keine Antwort"})
    assert book.translate("Homing failed: no answer.") == "Homing ging nicht: keine Antwort"
    assert book.translate("Homing failed: Meyer & Co.") == "Homing ging nicht: Meyer & Co."


def test_known_sentences_are_not_swallowed_by_a_phrase_with_something_put_in():
    book = PhraseBook(
        {"A step is {0} µm.": "Ein Schritt: {0} µm.", "It ends at {0} µm.": "Bis {0} µm."}
    )
    assert book.translate("A step is 2 µm. It ends at 9 µm.") == "Ein Schritt: 2 µm.Bis 9 µm."


def test_a_fault_is_told_in_the_language_of_the_window(qapp, chinese):
    fault = LimitExceeded("stage", "move z to 1250 µm", "the limits of z are 0 to 1000 µm", "")
    told = said(describe(fault, "Moving", None).title)
    assert not re.search("[a-z]{3}", told)
    assert "1250" in told
    assert "1000" in told


def test_no_space_follows_a_chinese_full_stop(qtbot, chinese):
    bar = ErrorBar()
    qtbot.addWidget(bar)
    advice = "Choose a target within the limits."
    bar.show_trouble(describe(LimitExceeded("stage", "move", "no", advice), "Moving", None))
    assert "载物台未连接。请选择限位之内的目标。" in bar.text


def test_a_phrase_of_two_sentences_is_found_among_others():
    book = PhraseBook({"{0} is far. Go near.": "{0}太远。请靠近。", "That is all.": "完。"})
    assert book.translate("A is far. Go near. That is all.") == "A太远。请靠近。完。"
    assert book.translate("That is all. B is far. Go near.") == "完。B太远。请靠近。"


def test_of_several_phrases_the_one_that_leaves_the_least_in_english_counts():
    book = PhraseBook(
        {
            "{0} failed: {1}": "{0} ging nicht: {1}",
            "{0} failed: {1}: {2}": "{0} ging nicht, bei {1}: {2}",
            "Opening": "Öffnen",
            "{0}: holds no frames": "{0}: ohne Bilder",
            "{0}: holds {1}": "{0}: enthält {1}",
        }
    )
    told = book.translate("Opening failed: 7: holds no frames.")
    assert told == "Öffnen ging nicht: 7: ohne Bilder"


def test_a_file_that_cannot_be_opened_is_told_in_the_language_of_the_window(qapp, chinese):
    fault = StackError("/1/2.tif: the file is truncated (page 3 is not complete)")
    told = said(describe(fault, "Opening 2.tif", None).title)
    assert not re.search("[a-z]{4}", told)
    assert "/1/2.tif" in told
    assert "3" in told


def test_sentences_that_are_not_known_stay_as_they_are():
    assert BOOK.translate("Unknown here. Check the cable.") == "Unknown here. 请检查电缆。"
    assert BOOK.translate("Nothing of this is known.") is None


@given(st.floats(-1e4, 1e4), st.floats(-1e4, 1e4))
def test_numbers_come_through_a_phrase_untouched(low, high):
    shown = BOOK.translate(f"Go from {low:.1f} to {high:.1f} µm.")
    assert shown == f"请从 {low:.1f} 到 {high:.1f} µm。"


@pytest.mark.parametrize(
    "source", [source for source in MESSAGES[PHRASES] if re.search(r"\{\d\}", source)]
)
def test_every_phrase_with_something_put_in_is_recognised(source):
    values = {place: f"value{place}" for place in re.findall(r"\{(\d)\}", source)}
    filled = re.sub(r"\{(\d)\}", lambda place: values[place.group(1)], source)
    translated = phrase_book(CHINESE).translate(filled)
    assert translated is not None
    assert re.search(r"[\u4e00-\u9fff]", translated)
    assert all(value in translated for value in values.values())


def test_what_drivers_say_is_shown_in_the_language_of_the_window(qapp, chinese):
    assert said("Check the cable and the power, then connect again.").startswith("请检查")
    assert said("something that nobody has foreseen") == "something that nobody has foreseen"
    assert said("") == ""
    use_language(qapp, Language.ENGLISH)
    assert said("Check the cable.") == "Check the cable."


def test_the_language_changes_while_the_window_runs(shared_desk):
    window = shared_desk.window
    english = texts_of(window)
    try:
        window.actions_["language_zh_CN"].trigger()
        shared_desk.wait_until(
            lambda: window.actions_["capture"].text() == "采集", "it was Chinese"
        )
        QCoreApplication.processEvents()
        shown = texts_of(window)
        known = {source for _name, source, _translation in PAIRS} - {"STOP"}
        assert sorted(text for text in shown if text in known) == []
        assert window.top.stop.isVisible()
        assert window.minimumSizeHint().width() <= 1366
        assert window.minimumSizeHint().height() <= 768
    finally:
        window.actions_["language_en"].trigger()
    shared_desk.wait_until(lambda: window.actions_["capture"].text() == "Capture", "it was English")
    window._tick()
    assert {t for t in english if t in known} <= texts_of(window)


def texts_of(window):
    """All texts of visible widgets, tool tips and menus included."""
    window._tick()
    found = set()
    for widget in (each for each in window.findChildren(QWidget) if each.isVisible()):
        for name in ("text", "toolTip", "title", "accessibleName", "placeholderText"):
            read = getattr(widget, name, None)
            if callable(read) and not name.startswith("_"):
                value = read()
                if isinstance(value, str) and value:
                    found.add(value)
    return found
