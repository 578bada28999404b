"""Generated interfaces, seen by a service that forgets something."""

from abc import abstractmethod

import pytest

from accord.interface import IncompleteImplementation, Interface, specified


class Greeter(Interface):
    @specified("operation sayHello")
    @abstractmethod
    async def say_hello(self) -> str: ...

    @specified("event guest.left")
    @abstractmethod
    async def guest_left(self) -> None: ...


class Half(Greeter):
    async def say_hello(self) -> str:
        return "hello"


class Whole(Half):
    def __init__(self, name: str) -> None:
        self.name = name

    async def guest_left(self) -> None: ...


def test_what_is_missing_is_named_as_the_spec_names_it() -> None:
    with pytest.raises(
        IncompleteImplementation, match=r"^Half does not implement event guest\.left \(method guest_left\)$"
    ):
        Half()  # type: ignore[abstract]


def test_everything_missing_is_named_at_once() -> None:
    with pytest.raises(IncompleteImplementation, match=r"guest\.left .*, operation sayHello "):
        Greeter()  # type: ignore[abstract]


async def test_a_whole_implementation_is_built_with_its_own_arguments() -> None:
    whole = Whole("Le Guin")
    assert (whole.name, await whole.say_hello()) == ("Le Guin", "hello")
