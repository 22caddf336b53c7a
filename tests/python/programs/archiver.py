"""An archiver: zip and tar (plain, gz, bz2), modes, links, times, listing, updating, safe unpacking, damaged files."""
import bz2
import gzip
import hashlib
import io
import os
import pathlib
import shutil
import stat
import sys
import tarfile
import tempfile
import time
import zipfile
import zlib


def make(root):
    (root / "docs/deep").mkdir(parents=True)
    (root / "docs/a.txt").write_text("alpha\n" * 300)
    (root / "docs/deep/ünï.txt").write_text("Grüße", encoding="utf-8")
    (root / "run.sh").write_text("#!/bin/sh\necho hi\n")
    (root / "run.sh").chmod(0o755)
    (root / "blob").write_bytes(bytes(range(256)) * 64)
    (root / "link").symlink_to("docs/a.txt")
    os.link(root / "blob", root / "hard")
    for path in sorted(root.rglob("*")):
        if not path.is_symlink():
            os.utime(path, (1_000_000_000, 1_000_000_000))


def digest(root):
    out = []
    for path in sorted(root.rglob("*")):
        name = path.relative_to(root).as_posix()
        if path.is_symlink():
            out.append(f"{name} -> {os.readlink(path)}")
        elif path.is_file():
            out.append(f"{name} {path.stat().st_mode & 0o777:o} {zlib.crc32(path.read_bytes()):08x}")
    return hashlib.sha1("\n".join(out).encode()).hexdigest()[:12], len(out)


def clean(info):
    info.uid = info.gid = 1000
    info.uname = info.gname = "user"
    info.mtime = 1_000_000_000
    return None if info.name.endswith("/deep") else info


def tars(root, folder):
    for suffix, mode in [("tar", "w"), ("tar.gz", "w:gz"), ("tar.bz2", "w:bz2")]:
        for form in (tarfile.USTAR_FORMAT, tarfile.GNU_FORMAT, tarfile.PAX_FORMAT):
            path = folder / f"x.{suffix}"
            with tarfile.open(path, mode, format=form) as tar:
                for name in sorted(p.name for p in root.iterdir()):
                    tar.add(root / name, name, filter=lambda i: clean(i) or i)
                data = b"made in memory"
                info = tarfile.TarInfo("n" * 90 + "/" + "m" * 60)
                info.size, info.mtime = len(data), 12
                tar.addfile(info, io.BytesIO(data))
            with tarfile.open(path) as tar:
                names = tar.getnames()
                kinds = "".join("-dlh"[(m.isdir(), m.issym(), m.islnk()).index(True) + 1 if not m.isfile() else 0] for m in tar)
                target = folder / "out"
                tar.extractall(target, filter="data")
                print(suffix, form, len(names), kinds, digest(target), tar.extractfile("run.sh").read(9), tar.getmember("run.sh").mode)
            if suffix == "tar":
                print("   ", hashlib.md5(path.read_bytes()).hexdigest())
            shutil.rmtree(target)
    bad = io.BytesIO()
    with tarfile.open(fileobj=bad, mode="w") as tar:
        for name, kind in [("../evil", tarfile.REGTYPE), ("/abs", tarfile.REGTYPE), ("dev", tarfile.CHRTYPE), ("ln", tarfile.SYMTYPE)]:
            info = tarfile.TarInfo(name)
            info.type, info.linkname = kind, "../../etc/passwd"
            tar.addfile(info)
    bad.seek(0)
    with tarfile.open(fileobj=bad) as tar:
        for member in tar:
            try:
                tar.extract(member, folder / "out", filter="data")
                print("extracted", member.name)
            except tarfile.FilterError as exc:
                print(type(exc).__name__, str(exc).replace(str(folder), "F").replace(str(folder.parent), "T"))
    for data in (b"", b"x" * 600, gzip.compress(b"no tar"), (folder / "x.tar.gz").read_bytes()[:-30]):
        try:
            with tarfile.open(fileobj=io.BytesIO(data)) as tar:
                print(len(tar.getnames()))
        except (tarfile.TarError, EOFError) as exc:
            print(type(exc).__name__, str(exc).splitlines()[0])


def zips(root, folder):
    path = folder / "x.zip"
    for method in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2):
        with zipfile.ZipFile(path, "w", method, compresslevel=6) as archive:
            for file in sorted(root.rglob("*")):
                archive.write(file, file.relative_to(root))
            archive.comment = b"a comment"
        with zipfile.ZipFile(path, "a") as archive:
            with archive.open("streamed/é.txt", "w") as file:
                for n in range(1000):
                    file.write(b"line %d\n" % n)
            info = zipfile.ZipInfo("fixed", (2001, 2, 3, 4, 5, 6))
            info.external_attr = 0o640 << 16
            archive.writestr(info, "text é", compress_type=zipfile.ZIP_DEFLATED)
        with zipfile.ZipFile(path) as archive:
            print(method, archive.testzip(), archive.comment, len(archive.namelist()), [i.compress_size < i.file_size for i in archive.infolist()].count(True))
            print(archive.getinfo("fixed"), archive.read("fixed").decode(), archive.getinfo("run.sh").date_time)
            with archive.open("streamed/é.txt") as file:
                file.seek(-9, os.SEEK_END)
                print(file.read(), file.seekable())
            tree = zipfile.Path(archive, "docs/")
            print(sorted(p.name for p in tree.iterdir()), (tree / "deep" / "ünï.txt").read_text(encoding="utf-8"), zipfile.is_zipfile(path))
            archive.extractall(folder / "un")
        shutil.rmtree(folder / "un")
    data = bytearray(path.read_bytes())
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        data[archive.getinfo("blob").header_offset + 60] ^= 0xff
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        try:
            archive.read("blob")
        except (zipfile.BadZipFile, OSError) as exc:
            print(type(exc).__name__)
    for broken in (b"PK\x05\x06", bytes(data[:-60]), b""):
        try:
            zipfile.ZipFile(io.BytesIO(broken))
        except zipfile.BadZipFile as exc:
            print(exc)
    shutil.make_archive(str(folder / "made"), "zip", root)
    shutil.unpack_archive(str(folder / "made.zip"), folder / "un")
    print(sorted(os.listdir(folder / "un")), sorted(name for name, _ in shutil.get_archive_formats() if name != "xztar"))


if __name__ == "__main__":
    os.environ["TZ"] = "UTC"
    time.tzset()
    folder = pathlib.Path(tempfile.mkdtemp())
    root = folder / "root"
    root.mkdir()
    make(root)
    tars(root, folder)
    zips(root, folder)
    shutil.rmtree(folder)
