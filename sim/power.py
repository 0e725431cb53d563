"""Power, and what its loss does: a cut runs nothing (design, decision 16).

First the board is dead: each port call from then on does nothing and never returns to its caller. Then the tasks are
dropped. A `finally` or an `except` of the firmware may still run, as Python insists, but nothing it does reaches a chip."""

import asyncio
import contextvars
import inspect
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

Port = TypeVar("Port")
AGAIN_S = 1.0


class PowerGone(BaseException):
    """Raised out of every port call of a dead board. Not an Exception: no honest handler of the firmware catches it."""


class Power:
    """One life of the board, from power on to the cut, and every task that was born in it."""

    def __init__(self) -> None:
        self.on = True
        self.tasks: set[asyncio.Task[Any]] = set()

    def check(self) -> None:
        """Raises PowerGone once the power is cut."""
        if not self.on:
            raise PowerGone

    def cut(self) -> None:
        """Kill the board, then drop the tasks."""
        self.on = False
        self._drop()

    def _drop(self) -> None:
        for task in self.tasks:
            task.cancel()
        if self.tasks:  # asyncio.wait_for of Python 3.11 loses a cancel that comes in the same instant as its answer
            asyncio.get_running_loop().call_later(AGAIN_S, self._drop)

    def start(self, main: "Coroutine[Any, Any, None]") -> "asyncio.Task[None]":
        """Run main as this life's first task; whatever it starts belongs to this life too."""
        context = contextvars.copy_context()
        context.run(LIFE.set, self)
        return asyncio.get_running_loop().create_task(main, context=context)


LIFE: "contextvars.ContextVar[Power | None]" = contextvars.ContextVar("life", default=None)


def own_tasks(loop: asyncio.AbstractEventLoop) -> None:
    """From now on the loop notes each task with the life it was born in, and forgets what a dead board's tasks died of."""

    def factory(loop: asyncio.AbstractEventLoop, coro: Any, **kwargs: Any) -> "asyncio.Task[Any]":
        task: asyncio.Task[Any] = asyncio.Task(coro, loop=loop, **kwargs)
        context = kwargs.get("context")
        life = context.get(LIFE) if context is not None else LIFE.get()
        if life is not None:
            life.tasks.add(task)
            task.add_done_callback(life.tasks.discard)
        return task

    def handler(loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        if not isinstance(context.get("exception"), PowerGone):
            loop.default_exception_handler(context)

    loop.set_task_factory(factory)
    loop.set_exception_handler(handler)


class Gated:
    """A port as long as there is power: stands in front of the real driver and hands on every call."""

    def __init__(self, port: object, power: Power) -> None:
        self._port = port
        self._power = power

    def __getattr__(self, name: str) -> Any:
        target = getattr(self._port, name)
        if inspect.iscoroutinefunction(target):
            return self._waiting(target)
        return self._plain(target) if inspect.ismethod(target) else target

    def _waiting(self, target: Callable[..., Any]) -> Callable[..., Any]:
        async def call(*args: Any, **kwargs: Any) -> Any:
            self._power.check()
            answer = await target(*args, **kwargs)
            self._power.check()
            return answer

        return call

    def _plain(self, target: Callable[..., Any]) -> Callable[..., Any]:
        def call(*args: Any, **kwargs: Any) -> Any:
            self._power.check()
            return target(*args, **kwargs)

        return call


def gated(port: Port, power: Power) -> Port:
    """The same port, dead when the power is. Typed as the port: firmware sees no difference."""
    return Gated(port, power)  # type: ignore[return-value]
