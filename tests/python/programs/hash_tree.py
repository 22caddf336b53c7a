"""A thread pool that hashes a tree of files; duplicates by content; a manifest; progress through a queue."""
import collections
import concurrent.futures
import functools
import hashlib
import os
import pathlib
import queue
import random
import shutil
import sys
import tempfile
import threading
import time


def make_tree(root, seed=5):
    rng = random.Random(seed)
    for number in range(60):
        folder = root.joinpath(*(f"d{rng.randrange(4)}" for _ in range(rng.randrange(4))))
        folder.mkdir(parents=True, exist_ok=True)
        folder.joinpath(f"f{number:02}.bin").write_bytes(bytes([number % 9]) * (100 + 5000 * (number % 9)))
    (root / "link").symlink_to("d0")
    (root / "dangling").symlink_to("nowhere")
    (root / "empty").touch()


def walk(root):
    """Files below root, no links, in order."""
    stack = [root]
    while stack:
        with os.scandir(stack.pop()) as entries:
            entries = sorted(entries, key=lambda e: e.name, reverse=True)
        for entry in reversed(entries):
            if entry.is_symlink():
                continue
            if entry.is_file(follow_symlinks=False):
                yield entry.path, entry.stat().st_size
        stack += [e.path for e in entries if e.is_dir(follow_symlinks=False)]


def digest(path, algorithm, progress):
    name = threading.current_thread().name
    with open(path, "rb") as file:
        result = hashlib.file_digest(file, algorithm).hexdigest()
    progress.put((name.rpartition("_")[0], os.path.basename(path)))
    return result


class Progress(threading.Thread):
    def __init__(self):
        super().__init__(name="progress", daemon=True)
        self.queue, self.seen = queue.SimpleQueue(), collections.Counter()

    def run(self):
        while (item := self.queue.get()) is not None:
            self.seen[item[0]] += 1


def manifest(root, algorithm="sha256", workers=4):
    progress = Progress()
    progress.start()
    found, failed = {}, []
    with concurrent.futures.ThreadPoolExecutor(workers, thread_name_prefix="hash") as pool:
        jobs = {pool.submit(digest, path, algorithm, progress.queue): (path, size) for path, size in walk(root)}
        jobs[pool.submit(digest, str(root / "gone"), algorithm, progress.queue)] = (str(root / "gone"), 0)
        for job in concurrent.futures.as_completed(jobs):
            path, size = jobs[job]
            name = os.path.relpath(path, root)
            if (exc := job.exception()) is not None:
                failed.append((name, type(exc).__name__))
            else:
                found[name] = (size, job.result())
    progress.queue.put(None)
    progress.join()
    return found, failed, progress.seen


def main():
    root = pathlib.Path(tempfile.mkdtemp(prefix="hashes-"))
    try:
        make_tree(root)
        found, failed, seen = manifest(root)
        print(len(found), failed, dict(seen))
        groups = collections.defaultdict(list)
        for name, (size, code) in found.items():
            groups[size, code].append(name)
        for (size, code), names in sorted(groups.items()):
            print(f"{size:>6} {code[:16]} x{len(names)} {min(names)}")
        whole = hashlib.blake2b(digest_size=16)
        for name in sorted(found):
            whole.update(f"{found[name][1]}  {name}\n".encode())
        print(whole.hexdigest())
        for algorithm in ("md5", "sha1", "sha3_256", "blake2s", "sha512"):
            again, _, _ = manifest(root, algorithm, 2)
            joined = "".join(code for _, (_, code) in sorted(again.items()))
            print(algorithm, hashlib.new(algorithm, joined.encode()).hexdigest()[:24])
        print(sorted(p.name for p in root.glob("*")), len(list(root.rglob("*.bin"))))
        usage = sum(p.stat().st_size for p in root.rglob("*") if p.is_file() and not p.is_symlink())
        print(usage, usage == sum(size for size, _ in found.values()))
        barrier = threading.Barrier(4)
        with concurrent.futures.ThreadPoolExecutor(4) as pool:
            order = sorted(pool.map(lambda n: (barrier.wait(20), n)[1] ** 2, range(4)))
            slow = pool.submit(time.sleep, 0.3)
            print(order, concurrent.futures.wait([slow], timeout=0.01).not_done == {slow})
    finally:
        shutil.rmtree(root)
    print(root.exists())


if __name__ == "__main__":
    main()
