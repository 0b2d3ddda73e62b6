"""Whether a file of results is the one that the record of its fusion tells of."""

from __future__ import annotations

import hashlib
from pathlib import Path

from app.captures.fusion_record import FusionRecord
from app.captures.layout import FUSION
from app.captures.reason import reason
from app.captures.stack import StackError


def check_result(record: FusionRecord, folder: Path, name: str, *, whole: bool = True) -> None:
    """Make sure that a file is as it was written.

    Parameters
    ----------
    record : FusionRecord
    folder : Path
        Where the results lie.
    name : str
        Of the file.
    whole : bool
        Whether to compare all of its content; otherwise only its size, which is quicker.

    Raises
    ------
    StackError
        It is another file, or cannot be read.
    """
    path = folder / name
    told = {result.file: result for result in record.results}.get(name)
    try:
        if told is None or path.stat().st_size != told.bytes:
            raise StackError(f"{path}: is not the file that {FUSION} tells of")
        if not whole:
            return
        with path.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise StackError(f"{path}: cannot be read: {reason(error)}") from error
    if digest != told.sha256:
        raise StackError(f"{path}: was changed after it had been written")
