"""What the program imports is what it declares: a development environment always holds more."""

import ast
import re
import sys
import tomllib
from functools import cache
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
OURS = {"app", "drivers", "models"}
MODULES = sorted(path for part in OURS for path in (ROOT / part).rglob("*.py"))


@cache
def providers() -> dict[str, set[str]]:
    """Return which distributions bring each package that is installed here."""
    found = packages_distributions().items()
    return {package: {normal(name) for name in brought} for package, brought in found}


@cache
def declared() -> dict[str, set[str]]:
    """Return the names of distributions: of the plain program, and with each extra."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    plain = names(project["dependencies"])
    extras = {key: names(needs) for key, needs in project["optional-dependencies"].items()}
    plain.add("shiboken6")  # A part of PySide6 that is always installed with it.
    return {"": plain} | {key: plain | extra for key, extra in extras.items()}


def names(requirements: list[str]) -> set[str]:
    return {normal(re.split(r"[<>=!~\[; ]", each, maxsplit=1)[0]) for each in requirements}


def normal(distribution: str) -> str:
    return re.sub(r"[-_.]+", "-", distribution).lower()


def loaded_at_once(path: Path) -> set[str]:
    """Return the packages of others that importing the module imports, whatever is then called."""
    found = set[str]()
    todo = list[ast.AST](ast.parse(path.read_text("utf-8")).body)
    while todo:
        match todo.pop():
            case ast.Import(names=aliases):
                found |= {alias.name.partition(".")[0] for alias in aliases}
            case ast.ImportFrom(module=str(module), level=0):
                found.add(module.partition(".")[0])
            case ast.If(test=ast.Name(id="TYPE_CHECKING"), orelse=rest):
                todo += rest
            case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.Try():
                # A function may need an extra; what is tried is caught where it is not there.
                pass
            case other:
                todo += ast.iter_child_nodes(other)
    return found - OURS - set(sys.stdlib_module_names)


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_what_a_module_imports_is_declared(path):
    extra = "batch" if (ROOT / "app" / "batch") in path.parents else ""
    for package in loaded_at_once(path):
        assert providers().get(package, set()) & declared()[extra], package
