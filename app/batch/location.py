"""Files and folders wherever they lie: on a disk, or behind a URL that fsspec understands."""

from __future__ import annotations

import hashlib
import os
import posixpath
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any, Final

from fsspec import AbstractFileSystem
from fsspec.core import url_to_fs
from fsspec.implementations.local import LocalFileSystem

from app.captures.reason import reason
from app.captures.whole_file import PART_SUFFIX, whole_file

_VERSIONS = ("ETag", "etag", "md5Hash", "mtime", "LastModified", "last_modified", "modify")
"""What file systems call that which changes with a file; the first there is counts."""
_TRIAL: Final = f".trial{PART_SUFFIX}"
"""Hidden, should a program be killed with it there."""


class LocationError(Exception):
    """A location cannot be used; the message is one line that names it and the reason."""


@dataclass(frozen=True, slots=True)
class Item:
    """A file or folder in a location."""

    name: str
    """Relative to the location, with forward slashes."""
    folder: bool
    size: int
    version: str
    """Another one where the file has changed; empty where the file system does not tell."""


class Location:
    """A file or a folder.

    Passwords and addresses of servers are no part of it: fsspec takes them from its configuration,
    or from the environment, on whatever computer the location is used.

    Parameters
    ----------
    url : str
        A path, or a URL such as ``s3://bucket/folder``.

    Raises
    ------
    LocationError
        There is no such kind of URL here.
    """

    def __init__(self, url: str) -> None:
        try:
            fs, path = url_to_fs(url)
        except (ImportError, ValueError, OSError) as error:
            raise LocationError(f"{url}: cannot be used: {reason(error)}") from error
        self._fs: AbstractFileSystem = fs
        self._path = str(path).rstrip("/") or "/"

    def __str__(self) -> str:
        return self._path if self.local else str(self._fs.unstrip_protocol(self._path))

    @property
    def url(self) -> str:
        """What makes the same location again, on another computer as well."""
        return str(self)

    @property
    def local(self) -> Path | None:
        """Its path, where it lies in the file system of this computer."""
        return Path(self._path) if isinstance(self._fs, LocalFileSystem) else None

    @property
    def name(self) -> str:
        """The last part of it."""
        return posixpath.basename(self._path)

    def __truediv__(self, name: str) -> Location:
        made = object.__new__(Location)
        made._fs, made._path = self._fs, posixpath.join(self._path, name)
        return made

    def matches(self) -> tuple[Location, ...]:
        """Return the locations that a pattern with ``*``, ``?`` or ``[...]`` stands for, sorted."""
        try:
            found = sorted(self._fs.glob(self._path))
        except OSError as error:
            raise LocationError(f"{self}: cannot be read: {reason(error)}") from error
        made = []
        for path in found:
            location = object.__new__(Location)
            location._fs, location._path = self._fs, str(path)
            made.append(location)
        return tuple(made)

    def exists(self) -> bool:
        """Say whether there is a file or a folder."""
        try:
            return bool(self._fs.exists(self._path))
        except OSError as error:
            raise LocationError(f"{self}: cannot be read: {reason(error)}") from error

    def is_folder(self) -> bool:
        """Say whether it is a folder.

        Raises
        ------
        LocationError
            There is nothing.
        """
        try:
            self._fs.invalidate_cache()
            return str(self._fs.info(self._path)["type"]) == "directory"
        except OSError as error:
            raise LocationError(f"{self}: cannot be read: {reason(error)}") from error

    def items(self) -> tuple[Item, ...]:
        """List a folder, sorted by name; nothing where it is missing.

        Raises
        ------
        LocationError
            It cannot be listed.
        """
        try:
            self._fs.invalidate_cache()
            infos = self._fs.ls(self._path, detail=True)
        except FileNotFoundError:
            return ()
        except OSError as error:
            raise LocationError(f"{self}: cannot be listed: {reason(error)}") from error
        return self._sorted(infos)

    def files(self) -> tuple[Item, ...]:
        """List all files in a folder and in those below it, or the file itself."""
        if not self.is_folder():
            return (self._item(self._fs.info(self._path), name=self.name),)
        try:
            infos = self._fs.find(self._path, detail=True)
        except OSError as error:
            raise LocationError(f"{self}: cannot be listed: {reason(error)}") from error
        return self._sorted(infos.values())

    def read(self, name: str) -> bytes | None:
        """Read a file in the folder; None where there is none."""
        try:
            return bytes(self._fs.cat_file(posixpath.join(self._path, name)))
        except FileNotFoundError:
            return None
        except OSError as error:
            raise LocationError(f"{self / name}: cannot be read: {reason(error)}") from error

    def write(self, name: str, content: bytes) -> None:
        """Write a file into the folder, all at once."""
        local = self.local
        try:
            if local is None:
                self._fs.makedirs(self._path, exist_ok=True)
                self._fs.pipe_file(posixpath.join(self._path, name), content)
                return
            local.mkdir(parents=True, exist_ok=True)
            with whole_file(local / name) as part:
                part.write_bytes(content)
        except OSError as error:
            raise LocationError(f"{self / name}: cannot be written: {reason(error)}") from error

    def check_writable(self) -> None:
        """Make the folder and find out whether files can be written to it.

        Raises
        ------
        LocationError
            They cannot.
        """
        self.write(_TRIAL, b"")
        self.remove(_TRIAL)

    def remove(self, name: str) -> None:
        """Remove a file from the folder, if it is there."""
        try:
            if self._fs.exists(posixpath.join(self._path, name)):
                self._fs.rm_file(posixpath.join(self._path, name))
        except OSError as error:
            raise LocationError(f"{self / name}: cannot be removed: {reason(error)}") from error

    def fetch(self, items: Iterable[Item], folder: Path) -> None:
        """Copy files to this computer, under the same names."""
        whole = not self.is_folder()
        for item in items:
            target = Path(os.path.normpath(folder / item.name))
            if not target.is_relative_to(os.path.normpath(folder)):
                # On Windows there are other ways to say so than with forward slashes.
                raise LocationError(f"{self}: lists {item.name}, which lies outside of it")
            source = self._path if whole else posixpath.join(self._path, item.name)
            try:
                target.parent.mkdir(parents=True, exist_ok=True)
                self._fs.get_file(source, str(target))
            except OSError as error:
                raise LocationError(
                    f"{self / item.name}: cannot be read: {reason(error)}"
                ) from error

    def deliver(self, files: Iterable[Path]) -> None:
        """Copy files from this computer into the folder, in their order."""
        for file in files:
            try:
                self._fs.makedirs(self._path, exist_ok=True)
                self._fs.put_file(str(file), posixpath.join(self._path, file.name))
            except OSError as error:
                where = self / file.name
                raise LocationError(f"{where}: cannot be written: {reason(error)}") from error

    def _sorted(self, infos: Iterable[dict[str, Any]]) -> tuple[Item, ...]:
        items = (self._item(info) for info in infos)
        # Object storage lists a folder among what is in it.
        return tuple(sorted((item for item in items if item.name), key=lambda item: item.name))

    def _item(self, info: dict[str, Any], name: str | None = None) -> Item:
        if name is None:
            name = posixpath.relpath(str(info["name"]).rstrip("/"), self._path)
            if name.startswith("../"):
                # Servers name what they like; a result of that name would lie there too.
                raise LocationError(f"{self}: lists {name}, which lies outside of it")
        version = next((str(info[key]) for key in _VERSIONS if info.get(key)), "")
        return Item(
            "" if name == "." else name, info["type"] == "directory", info["size"] or 0, version
        )


def stamp_of(items: Iterable[Item]) -> str:
    """Return what changes whenever one of some files does: SHA-256 of names, sizes and versions."""
    lines = "\n".join(f"{item.name}\t{item.size}\t{item.version}" for item in items)
    return hashlib.sha256(lines.encode("utf-8", "surrogateescape")).hexdigest()


def is_hidden(name: str) -> bool:
    """Say whether a file is nobody's concern: hidden, or not complete yet."""
    parts = PurePosixPath(name).parts
    return name.endswith(PART_SUFFIX) or any(part.startswith(".") for part in parts)
