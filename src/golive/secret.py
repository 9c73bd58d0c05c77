"""A secret's value, which is no string: nothing prints, formats or serialises it by accident."""

from collections.abc import Mapping
from typing import final


@final
class Secret:
    """Holds one secret. ``reveal()`` is called at the last moment, where the bytes leave for a host."""

    __slots__ = ("_value", "name")

    def __init__(self, name: str, value: str) -> None:
        self.name = name
        self._value = value

    def reveal(self) -> str:
        """The value itself."""
        return self._value

    def __repr__(self) -> str:
        return f"<secret {self.name}>"

    __str__ = __repr__

    def __reduce__(self) -> str:
        raise TypeError(f"secret {self.name} is never pickled")


Secrets = Mapping[str, Secret]
