"""What holds for all tests."""

from collections.abc import Iterator

import pytest
from hypothesis import settings

import models as models  # Before torch, as in the program: it says how torch's threads wait.

# The same cases on every run: a change that breaks nothing is not stopped by an unlucky draw.
settings.register_profile("repeatable", derandomize=True)
settings.load_profile("repeatable")


@pytest.fixture(scope="session", autouse=True)
def own_cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Keep indexes of the tests' captures out of the cache of whoever runs them."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.mktemp("cache")))
        yield
