"""Is the number real, and what does a model get wrong: biases, diagnosis, comparison, published figures.

Once it is imported, the package stands where the function `whenabouts.audit` was, and is called in its place.
"""

import sys
from types import ModuleType
from typing import Any


class _Callable(ModuleType):
    def __call__(self, *args: Any, **options: Any) -> Any:
        return sys.modules["whenabouts"]._audit(*args, **options)


sys.modules[__name__].__class__ = _Callable
