"""WearIF: focus weight maps by a multi-scale network and learned guided refinement.

For NumPy arrays five functions: `fuse`, `stream`, `weight_maps`, `heights` and `load_model`; see
`models.wearif.arrays`.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from models.wearif.arrays import fuse as fuse
    from models.wearif.arrays import heights as heights
    from models.wearif.arrays import load_model as load_model
    from models.wearif.arrays import stream as stream
    from models.wearif.arrays import weight_maps as weight_maps

__all__ = ["fuse", "heights", "load_model", "stream", "weight_maps"]


def __getattr__(name: str) -> object:
    """Load what is asked for: the modules beside this one are used without torch as well."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from models.wearif import arrays

    return getattr(arrays, name)
