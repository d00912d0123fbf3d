"""Streams end by themselves, are only so many, and nobody who waits costs a thread or keeps a service up."""

import asyncio
import threading
from collections.abc import Collection

import pytest

from boundary.serving.events import Event, Stream, Streams
from boundary.serving.watch import Watcher
from problems import ConflictError, RateError, UnavailableError

SOON = 0.001


class Store:
    """What has happened, as a store knows it; the first look fails, as a locked database does."""

    def __init__(self) -> None:
        self.happened: set[str] = set()
        self.looks: list[Collection[str]] = []

    def look(self, names: Collection[str]) -> Collection[str]:
        self.looks.append(names)
        if len(self.looks) == 1:
            raise ConflictError("storage.busy")
        return self.happened & {*names}


def test_all_who_wait_are_told_by_one_thread_that_sleeps_when_nobody_does() -> None:
    store = Store()
    watcher = Watcher(store.look, every=SOON)

    async def wait() -> list[bool]:
        waiting = [asyncio.ensure_future(watcher.wait(name, 30)) for name in ("a", "a", "b")]
        while len(store.looks) < 3:
            await asyncio.sleep(SOON)
        store.happened = {"a", "b", "c"}
        return await asyncio.gather(*waiting)

    before = set(threading.enumerate())
    with watcher.watching():
        assert asyncio.run(wait()) == [True, True, True]
        assert [thread.name for thread in {*threading.enumerate()} - before] == ["watch"]
        asyncio.run(asyncio.sleep(0.02))
        looked = len(store.looks)
        asyncio.run(asyncio.sleep(0.02))
        assert len(store.looks) == looked, "nobody waits, nobody looks"
    assert {name for names in store.looks for name in names} == {"a", "b"}


def test_who_waits_for_what_does_not_happen_is_told_so_in_time() -> None:
    watcher = Watcher(Store().look, every=SOON)
    with watcher.watching():
        assert not asyncio.run(watcher.wait("a", 0.02))


def test_the_end_of_the_service_ends_every_wait() -> None:
    watcher = Watcher(Store().look, every=SOON)

    async def wait() -> bool:
        waiting = asyncio.ensure_future(watcher.wait("a", 30))
        await asyncio.sleep(0)
        watcher.end()
        return await waiting

    with watcher.watching():
        assert not asyncio.run(wait())
        assert not asyncio.run(watcher.wait("a", 30)), "and none begins"
    with pytest.raises(UnavailableError, match=r"http\.busy"):
        Streams(watcher).require_room("a")


def test_a_stream_says_now_and_then_that_it_lives_and_ends_when_its_time_is_over() -> None:
    streams = Streams(Watcher(Store().look, every=SOON), seconds=0.1, alive=0.01)

    async def told() -> list[bool]:
        return [happened async for happened in streams.until("a")]

    with streams.watcher.watching():
        found = asyncio.run(told())
    assert len(found) > 1
    assert not any(found)


def test_a_stream_ends_with_what_it_waited_for() -> None:
    store = Store()
    streams = Streams(Watcher(store.look, every=SOON), alive=0.01)
    store.happened = {"a"}

    async def told() -> list[bool]:
        return [happened async for happened in streams.until("a")]

    with streams.watcher.watching():
        *_, last = asyncio.run(told())
    assert last


def test_there_are_only_so_many_at_once() -> None:
    streams = Streams(Watcher(Store().look), most=3, most_alike=2)
    with streams.open("a"), streams.open("a"):
        with pytest.raises(RateError, match=r"http\.too_often"):
            streams.require_room("a")
        streams.require_room("b")
        with streams.open("b"), pytest.raises(UnavailableError, match=r"http\.busy"):
            streams.require_room("c")
    for _ in range(2):
        streams.require_room("a")


@pytest.mark.parametrize("version", ["2.3", "2.4"])
def test_whoever_leaves_gives_the_room_back(version: str) -> None:
    """Either way in which servers tell that a client is gone."""
    streams = Streams(Watcher(Store().look), most=1)

    async def told():
        yield b"x"
        await asyncio.sleep(30)

    async def leaves() -> None:
        sent = asyncio.Event()

        async def receive():
            await sent.wait()
            return {"type": "http.disconnect"}

        async def send(message) -> None:
            if sent.is_set():
                raise OSError
            if message.get("body"):
                sent.set()

        scope = {"type": "http", "asgi": {"spec_version": version}}
        playing = asyncio.ensure_future(Stream(streams, "a", told())(scope, receive, send))
        await sent.wait()
        if version == "2.4":
            playing.cancel()
        await asyncio.wait((playing,))

    asyncio.run(leaves())
    streams.require_room("a")


def test_an_event_is_its_lines_and_no_text_makes_another() -> None:
    data = {"state": "open\n\nevent: forged", "name": "É\r\u2028"}
    written = Event("state", data, "1").written()
    head, *lines = written.decode().split("\n")
    assert head == "id: 1"
    assert lines[0] == "event: state"
    assert lines[1].startswith('data: {"state":"open\\n\\nevent: forged"')
    assert lines[2:] == ["", ""]
    assert "\r" not in written.decode()
    assert Event("problem", {}).written() == b"event: problem\ndata: {}\n\n"
