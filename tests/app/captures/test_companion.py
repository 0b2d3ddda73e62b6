"""The OME-XML beside the frames."""

from app.captures.companion import load_writer


def test_its_writer_can_be_loaded_ahead_of_the_first_capture():
    load_writer()
