"""ZoneInfo without a database: zones from files in memory, caches, subclasses, pickles."""

import io
import pickle
import struct
import sys
import threading
from datetime import datetime, time, timedelta, timezone
from unittest import mock

import zoneinfo
from zoneinfo import ZoneInfo

HOUR = timedelta(hours=1)


def raises(text, f, *args, **kw):
    try:
        f(*args, **kw)
    except Exception as e:
        got = f"{type(e).__name__}: {e}"
        assert got == text, got
    else:
        raise AssertionError(f"nothing raised, expected {text}")


def tzif(transitions, kinds, after):
    """A file of version 2: (timestamp, kind) pairs, (offset, saving, name) of each kind, a TZ string."""
    names = b"".join(name.encode() + b"\0" for _, _, name in kinds)
    at = [names.index(name.encode() + b"\0") for _, _, name in kinds]

    def block(code, pairs):
        head = b"TZif2" + bytes(15) + struct.pack(">6l", 0, 0, 0, len(pairs), len(kinds), len(names))
        body = b"".join(struct.pack(">" + code, t) for t, _ in pairs) + bytes(k for _, k in pairs)
        body += b"".join(struct.pack(">lbb", off, saving, i) for (off, saving, _), i in zip(kinds, at))
        return head + body + names

    return block("l", []) + block("q", transitions) + b"\n" + after.encode() + b"\n"


BERLIN = tzif([(323830800, 1), (338950800, 0)], [(3600, 0, "CET"), (7200, 1, "CEST")],
              "CET-1CEST,M3.5.0,M10.5.0/3")


def zone(data=BERLIN, key="test/berlin"):
    return ZoneInfo.from_file(io.BytesIO(data), key)


def test_offsets_by_file_and_by_rules():
    z = zone()
    for naive, offset in [
        (datetime(1979, 1, 1), 1), (datetime(1980, 7, 1), 2), (datetime(1980, 12, 1), 1),
        (datetime(2024, 3, 31, 1, 59), 1), (datetime(2024, 3, 31, 3), 2), (datetime(2024, 10, 27, 2, 30), 2),
        (datetime(2024, 10, 27, 2, 30, fold=1), 1), (datetime(2024, 10, 27, 3), 1), (datetime(9999, 7, 1), 2),
    ]:
        local = naive.replace(tzinfo=z)
        assert local.utcoffset() == offset * HOUR, naive
        assert local.dst() == (offset - 1) * HOUR
        assert local.tzname() == ("CET", "CEST")[offset - 1]
        back = local.astimezone(timezone.utc).astimezone(z)
        assert (back, back.fold) == (local, local.fold)
    assert time(12, tzinfo=z).utcoffset() is None
    gap = datetime(2024, 3, 31, 2, 30, tzinfo=z)
    assert gap.utcoffset() == HOUR and gap.replace(fold=1).utcoffset() == 2 * HOUR
    assert str(z) == "test/berlin" and repr(z) == "zoneinfo.ZoneInfo(key='test/berlin')"


def test_other_objects_as_times():
    class Other(datetime):
        pass

    z = zone()
    assert Other(2024, 7, 1, tzinfo=z).utcoffset() == 2 * HOUR
    assert type(Other(2024, 10, 27, 0, 30, tzinfo=timezone.utc).astimezone(z)) is Other
    second = Other(2024, 10, 27, 1, 30, tzinfo=timezone.utc).astimezone(z)
    assert (second.hour, second.fold) == (2, 1)
    raises("AttributeError: 'int' object has no attribute 'toordinal'", z.utcoffset, 3)
    raises("TypeError: fromutc: argument must be a datetime", z.fromutc, 3)
    raises("ValueError: fromutc: dt.tzinfo is not self", z.fromutc, datetime(2024, 1, 1))


def test_malformed_files():
    for after, complaint in [
        ("CET", "Invalid STD offset in b'CET'"),
        ("CET-1CEST", "Invalid DST offset in b'CET-1CEST'"),
        ("CET-1CEST,M3.5.0", "Missing transition rules in TZ string: b'CET-1CEST,M3.5.0'"),
        ("CET-1CEST,M3.6.0,M4.5.0", "Malformed transition rule in TZ string: b'CET-1CEST,M3.6.0,M4.5.0'"),
        ("CET-1CEST,J1,J2x", "Extraneous characters at end of TZ string: b'CET-1CEST,J1,J2x'"),
    ]:
        raises("ValueError: " + complaint, zone, tzif([(0, 0)], [(0, 0, "X")], after))
    raises("ValueError: No time zone information found.", zone, tzif([], [], ""))
    if "Taipan" in sys.version:
        # CPython reads beyond its table.
        raises("ValueError: Invalid transition index found while reading TZif: 1",
               zone, tzif([(0, 1)], [(0, 0, "X")], ""))
        # Transitions at the ends of 64 bits, where its sums wrap.
        far = zone(tzif([(-2**63, 1), (2**63 - 1, 0)], [(0, 0, "A"), (3600, 1, "B")], ""))
        assert datetime(2024, 1, 1, tzinfo=far).utcoffset() == HOUR
        assert datetime(2024, 1, 1, tzinfo=timezone.utc).astimezone(far).hour == 1


def test_caches_and_pickles():
    files = {f"test/{i}": BERLIN for i in range(20)}

    class Zone(ZoneInfo):
        pass

    with mock.patch("zoneinfo._common.load_tzdata", lambda key: io.BytesIO(files[key])):
        ZoneInfo.clear_cache()
        one = ZoneInfo("test/1")
        assert ZoneInfo("test/1") is one and ZoneInfo.no_cache("test/1") is not one
        assert Zone("test/1") is not one and Zone("test/1") is Zone("test/1")
        assert pickle.loads(pickle.dumps(one)) is one
        assert pickle.loads(pickle.dumps(ZoneInfo.no_cache("test/1"))) is not one
        many = [ZoneInfo(k) for k in files]
        assert all(ZoneInfo(k) is z for k, z in zip(files, many))
        ZoneInfo.clear_cache(only_keys=["test/1", "nothing"])
        assert ZoneInfo("test/1") is not one and ZoneInfo("test/2") is many[2]
        ZoneInfo.clear_cache()
        assert ZoneInfo("test/2") is not many[2]
        found = []
        threads = [threading.Thread(target=lambda: found.extend(ZoneInfo(k) for k in files)) for _ in range(4)]
        for t in threads:
            t.start()
        for t in threads:
            t.join()
        assert len(set(map(id, found))) == len(files)
        ZoneInfo.clear_cache()
    try:
        pickle.dumps(zone())
    except pickle.PicklingError as e:
        assert str(e) == "Cannot pickle a ZoneInfo file from a file stream."
    raises("TypeError: unhashable type: 'list'", ZoneInfo, [])
    try:
        ZoneInfo("no/such/zone")
    except zoneinfo.ZoneInfoNotFoundError as e:
        assert str(e) == "'No time zone found with key no/such/zone'"
