"""Bodies that belong to no room."""

from typing import Literal

from parley.core.fields import Strict


class Health(Strict):
    """The API is up."""

    status: Literal["ok"] = "ok"


class Removed(Strict):
    """The answer to a derived write of something that a person removed since."""

    deleted: Literal[True] = True
