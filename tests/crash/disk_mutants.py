"""Journals with a planted defect each, one safeguard taken out: the campaign on disk states must catch every one."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from firmware.journal import codec, journal, segment
from firmware.journal.journal import Journal
from firmware.journal.mend import Mender
from firmware.journal.mirror import Mirror
from firmware.journal.recovery import Replay
from firmware.journal.rollup import Rollup
from firmware.journal.segment import Segment, name_of
from hal.ports.faults import JournalDamaged
from hal.store import FileStore

Patch = tuple[Any, str, Any]  # owner, attribute, what stands there instead
SECTOR = codec.SECTOR


async def acks_before_sync(self: Any, frame: bytes) -> None:
    await self._store.write(self.name, self.end, frame)
    self.end += len(frame)


async def syncs_then_writes(self: Any, frame: bytes) -> None:
    await self._store.sync(self.name)
    await self._store.write(self.name, self.end, frame)
    self.end += len(frame)


async def syncs_body_not_head(self: Any, frame: bytes) -> None:
    if len(frame) > SECTOR:
        await self._store.write(self.name, self.end + SECTOR, frame[SECTOR:])
    await self._store.sync(self.name)
    await self._store.write(self.name, self.end, frame[:SECTOR])
    self.end += len(frame)


async def syncs_every_second_frame(self: Any, frame: bytes) -> None:
    await self._store.write(self.name, self.end, frame)
    if len(frame) // SECTOR % 2:
        await self._store.sync(self.name)
    self.end += len(frame)


async def trusts_the_checkpoint_to_the_next_sync(self: Any, frame: bytes) -> None:
    await self._store.write(self.name, self.end, frame)
    if self.end:
        await self._store.sync(self.name)
    self.end += len(frame)


async def syncs_the_segment_before(self: Any, frame: bytes) -> None:
    before = f"{self.name[:-12]}{max(1, self.number - 1):08d}.seg"
    await self._store.write(self.name, self.end, frame)
    await self._store.sync(before if before in await self._store.names() else self.name)
    self.end += len(frame)


async def writes_the_frame_before_again(self: Any, frame: bytes) -> None:
    """Two frames in one write: the tail is not append-only."""
    at = self.end - SECTOR if self.end else 0
    old = bytearray(self.end - at)
    await self._store.read_into(self.name, at, old)
    await self._store.write(self.name, at, bytes(old) + frame)
    await self._store.sync(self.name)
    self.end += len(frame)


async def wipes_nothing(self: Any, size: int) -> None:
    return None


async def wipes_one_sector(self: Any, size: int) -> None:
    await self._store.write(self.name, self.end, bytes(SECTOR))
    await self._store.sync(self.name)


async def makes_a_name_that_is_not_durable(self: Any, name: str, size: int) -> None:
    await self._do("create", self._disk.create, name, size)


def believes_every_frame(data: Any, offset: int = 0) -> "codec.Frame | None":
    head = codec.read_head(data, offset)
    if head is None or head.kind not in codec.NAMES:
        return None
    end = codec.HEAD_BYTES + head.length
    view = memoryview(data)[offset:]
    payload, link = bytes(view[codec.HEAD_BYTES : end]), bytes(view[end : end + 32])
    return codec.Frame(codec.NAMES[head.kind], head.seq, head.no, payload, link, codec.frame_bytes(head.length))


def forgets_the_counters(self: Any) -> dict[str, Any]:
    return {}


def drops_the_last_frame(run: Any) -> Callable[..., Any]:
    async def replay(self: Any, window: Any) -> Any:
        found = await run(self, window)
        if found.dropped:
            self._rollup.sales = max(0, getattr(self._rollup, "sales", 0) - 1)
            self.seq = max(0, self.seq - 1)
        return found

    return replay


def goes_on_behind_the_torn_tail(run: Any) -> Callable[..., Any]:
    async def replay(self: Any, window: Any) -> Any:
        found = await run(self, window)
        self._live.end += found.dropped
        return found

    return replay


def forgets_where_the_chain_stands(run: Any) -> Callable[..., Any]:
    async def replay(self: Any, window: Any) -> Any:
        start = self.head
        found = await run(self, window)
        if found.dropped:
            self.head = start
        return found

    return replay


def takes_a_torn_checkpoint_for_damage(newest: Any) -> Callable[..., Any]:
    async def look(shelf: Any, log: Any) -> Any:
        lines: list[str] = []

        class Ear:
            def say(self, who: str, text: str) -> None:
                lines.append(text)

        found = await newest(shelf, Ear())
        if lines:
            raise JournalDamaged(lines[0])
        return found

    return look


def drops_before_the_checkpoint_is_durable(roll: Any) -> Callable[..., Any]:
    async def rolled(self: Any) -> None:
        while not self._rollup.history and self._shelf.numbers:
            await self._shelf.drop_oldest()
        await roll(self)

    return rolled


def folds_some_sales_twice(fold: Any) -> Callable[..., Any]:
    def folded(self: Any, record: Any) -> None:
        fold(self, record)
        self.sales += record["kind"] == "sale" and record["no"] % 7 == 0

    return folded


async def writes_the_first_copy_only(self: Any, name: str) -> None:
    self._waiting.pop(name, None)
    await self.copies[0].sync(name)


async def does_not_sync_the_second_copy(self: Any, name: str) -> None:
    writes = self._waiting.pop(name, [])
    await self._both[0].sync(name)
    for offset, data in writes:
        await self._both[1].write(name, offset, data)


async def heals_nothing(self: Any) -> None:
    return None


async def copies_the_first_over_the_second(self: Any, number: int, until: int) -> bool:
    first, second = self._mirror.copies
    name = name_of(self._prefix, number)
    data = bytearray(await first.size(name))
    await first.read_into(name, 0, data)
    await second.write(name, 0, bytes(data))
    await second.sync(name)
    return True


MUTANTS: dict[str, "list[Patch]"] = {
    "acknowledges before the sync": [(Segment, "write", acks_before_sync)],
    "syncs, then writes": [(Segment, "write", syncs_then_writes)],
    "writes the head after the sync": [(Segment, "write", syncs_body_not_head)],
    "syncs some frames only": [(Segment, "write", syncs_every_second_frame)],
    "leaves the checkpoint to the next sync": [(Segment, "write", trusts_the_checkpoint_to_the_next_sync)],
    "syncs the segment before": [(Segment, "write", syncs_the_segment_before)],
    "writes the sector before again": [(Segment, "write", writes_the_frame_before_again)],
    "leaves a torn tail lying": [(Segment, "wipe", wipes_nothing)],
    "wipes one sector of a torn tail": [(Segment, "wipe", wipes_one_sector)],
    "makes names that are not durable": [(FileStore, "create", makes_a_name_that_is_not_durable)],
    "believes every frame": [(segment, "unpack", believes_every_frame)],
    "forgets the counters in a checkpoint": [(Rollup, "snapshot", forgets_the_counters)],
    "drops a sound frame with the torn one": [(Replay, "run", drops_the_last_frame(Replay.run))],
    "goes on behind the torn tail": [(Replay, "run", goes_on_behind_the_torn_tail(Replay.run))],
    "forgets where the chain stands": [(Replay, "run", forgets_where_the_chain_stands(Replay.run))],
    "takes a torn checkpoint for damage": [(journal, "newest", takes_a_torn_checkpoint_for_damage(journal.newest))],  # type: ignore[attr-defined]
    "drops the desk's past before its checkpoint": [(Journal, "_roll", drops_before_the_checkpoint_is_durable(Journal._roll))],
    "keeps one copy": [(Mirror, "sync", writes_the_first_copy_only)],
    "does not sync the second copy": [(Mirror, "sync", does_not_sync_the_second_copy)],
    "heals nothing": [(Mender, "run", heals_nothing)],
    "copies the first over the second": [(Mender, "segment", copies_the_first_over_the_second)],
    "folds a sale twice": [(Rollup, "fold", folds_some_sales_twice(Rollup.fold))],
}


@contextmanager
def planted(name: str) -> Iterator[None]:
    """The defect is in, and out again at the end."""
    kept = []
    for owner, attribute, instead in MUTANTS[name]:
        kept.append((owner, attribute, getattr(owner, attribute)))
        setattr(owner, attribute, instead)
    try:
        yield
    finally:
        for owner, attribute, before in reversed(kept):
            setattr(owner, attribute, before)
