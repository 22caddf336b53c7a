"""An echo and key-value server on asyncio, with clients, time-outs, a queue of jobs and cancellation."""
import asyncio
import contextlib
import json
import struct


class Protocol:
    """Length-prefixed JSON frames."""
    HEAD = struct.Struct("!I")

    def __init__(self, reader, writer):
        self.reader, self.writer = reader, writer

    async def send(self, message):
        data = json.dumps(message, sort_keys=True).encode()
        self.writer.write(self.HEAD.pack(len(data)) + data)
        await self.writer.drain()

    async def receive(self):
        try:
            head = await self.reader.readexactly(self.HEAD.size)
        except asyncio.IncompleteReadError as exc:
            if exc.partial:
                raise ConnectionError("half a header") from exc
            return None
        (size,) = self.HEAD.unpack(head)
        if size > 1 << 16:
            raise ValueError(f"frame of {size} bytes")
        return json.loads(await self.reader.readexactly(size))

    async def close(self):
        self.writer.close()
        with contextlib.suppress(ConnectionError):
            await self.writer.wait_closed()


class Server:
    def __init__(self):
        self.store, self.served, self.errors = {}, 0, []
        self.changed = asyncio.Condition()

    async def handle(self, reader, writer):
        peer = Protocol(reader, writer)
        try:
            while (message := await peer.receive()) is not None:
                self.served += 1
                match message:
                    case {"op": "echo", "text": str(text)}:
                        await peer.send({"ok": text})
                    case {"op": "put", "key": key, "value": value}:
                        async with self.changed:
                            self.store[key] = value
                            self.changed.notify_all()
                        await peer.send({"ok": len(self.store)})
                    case {"op": "wait", "key": key, "limit": limit}:
                        try:
                            async with asyncio.timeout(limit):
                                async with self.changed:
                                    await self.changed.wait_for(lambda: key in self.store)
                                    await peer.send({"ok": self.store[key]})
                        except TimeoutError:
                            await peer.send({"error": "time out"})
                    case {"op": op}:
                        await peer.send({"error": f"unknown {op!r}"})
                    case _:
                        await peer.send({"error": "no op"})
        except (ConnectionError, ValueError) as exc:
            self.errors.append(f"{type(exc).__name__}: {exc}")
        finally:
            await peer.close()


@contextlib.asynccontextmanager
async def connected(port):
    peer = Protocol(*await asyncio.open_connection("127.0.0.1", port))
    try:
        yield peer
    finally:
        await peer.close()


async def ask(port, *messages):
    answers = []
    async with connected(port) as peer:
        for message in messages:
            await peer.send(message)
            answers.append(await peer.receive())
    return answers


async def main():
    state = Server()
    server = await asyncio.start_server(state.handle, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    async with server:
        echoes = await asyncio.gather(*(ask(port, *({"op": "echo", "text": f"{n}-{i}"} for i in range(20))) for n in range(10)))
        print(sum(map(len, echoes)), echoes[3][:2], echoes[9][-1])
        async with asyncio.TaskGroup() as group:
            waiting = group.create_task(ask(port, {"op": "wait", "key": "k", "limit": 30}))
            late = group.create_task(ask(port, {"op": "wait", "key": "never", "limit": 0.01}))
            await asyncio.sleep(0.02)
            group.create_task(ask(port, {"op": "put", "key": "k", "value": [1, {"é": None}]}))
        print(waiting.result(), late.result())
        print(await ask(port, {"op": "fly"}, [1], {"op": "echo", "text": 3}))
        async with connected(port) as peer:
            peer.writer.write(b"\xff\xff\xff\xff")
            print("closed:", await peer.receive())
        async with connected(port) as peer:
            peer.writer.write(b"ab")
            peer.writer.write_eof()
            print("closed:", await peer.receive())
        print(state.served, sorted(state.errors), state.store)
        queue, results = asyncio.Queue(maxsize=3), []
        async def worker(name):
            while True:
                item = await queue.get()
                try:
                    await asyncio.sleep(0)
                    results.append(10 // item)
                except ZeroDivisionError as exc:
                    results.append(str(exc))
                finally:
                    queue.task_done()
        workers = [asyncio.create_task(worker(n), name=f"w{n}") for n in range(3)]
        for item in (1, 2, 0, 5, 10):
            await queue.put(item)
        await queue.join()
        for task in workers:
            task.cancel()
        done = await asyncio.gather(*workers, return_exceptions=True)
        print(sorted(map(str, results)), [type(d).__name__ for d in done], workers[1].get_name(), workers[0].cancelled())
    print(server.is_serving())
    try:
        async with asyncio.TaskGroup() as group:
            group.create_task(asyncio.sleep(10))
            group.create_task(ask(1, {}))
    except* OSError as exc:
        print(len(exc.exceptions), type(exc.exceptions[0]).__name__)


if __name__ == "__main__":
    asyncio.run(main())
