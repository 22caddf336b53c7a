"""datetime, time, calendar, zoneinfo where there is data."""


def raises(kind, function, *args, **kw):
    try:
        function(*args, **kw)
    except kind as exc:
        return exc
    raise AssertionError("did not raise " + str(kind))


import datetime as dt
import time


def test_date():
    d = dt.date(2024, 2, 29)
    assert d.isoformat() == "2024-02-29" and d.weekday() == 3 and d.isocalendar()[:2] == (2024, 9) and d + dt.timedelta(days=1) == dt.date(2024, 3, 1) and (dt.date(2024, 3, 1) - d).days == 1 and d.replace(year=2020) == dt.date(2020, 2, 29) and d.strftime("%a %d %b %Y %j") == "Thu 29 Feb 2024 060" and dt.date.fromisoformat("20240229") == d and d.toordinal() == 738945 and repr(d) == "datetime.date(2024, 2, 29)" and d < dt.date.max and d.timetuple().tm_yday == 60 and hash(d) == hash(dt.date(2024, 2, 29)) and dt.date.fromordinal(1) == dt.date.min and f"{d:%y}" == "24" and dt.date.fromisocalendar(2024, 9, 4) == d
    assert str(raises(ValueError, dt.date, 2023, 2, 29)) == "day is out of range for month"
    assert str(raises(ValueError, dt.date, 2023, 13, 1)) == "month must be in 1..12"
    raises(TypeError, lambda: d + 1)
    raises(OverflowError, lambda: dt.date.max + dt.timedelta(1))


def test_timedelta():
    t = dt.timedelta(days=1, hours=2, minutes=3, seconds=4, microseconds=5)
    assert (t.days, t.seconds, t.microseconds) == (1, 7384, 5) and str(t) == "1 day, 2:03:04.000005" and t.total_seconds() == 93784.000005 and -t + t == dt.timedelta() and t * 2 - t == t and t / t == 1.0 and t // dt.timedelta(hours=1) == 26 and abs(-t) == t and str(dt.timedelta(-1)) == "-1 day, 0:00:00" and repr(dt.timedelta(seconds=1)) == "datetime.timedelta(seconds=1)" and dt.timedelta(weeks=1).days == 7 and divmod(t, dt.timedelta(1))[0] == 1 and bool(dt.timedelta()) is False and dt.timedelta(milliseconds=1.5).microseconds == 1500


def test_datetime():
    d = dt.datetime(2024, 1, 2, 3, 4, 5, 678)
    assert d.isoformat() == "2024-01-02T03:04:05.000678" and str(d) == "2024-01-02 03:04:05.000678" and d.isoformat(" ", "minutes") == "2024-01-02 03:04" and dt.datetime.fromisoformat("2024-01-02T03:04:05.000678") == d and d.date() == dt.date(2024, 1, 2) and d.time() == dt.time(3, 4, 5, 678) and d - dt.timedelta(days=2) == dt.datetime(2023, 12, 31, 3, 4, 5, 678) and dt.datetime.strptime("2024-01-02 03:04", "%Y-%m-%d %H:%M") == d.replace(second=0, microsecond=0) and d.strftime("%H:%M:%S.%f") == "03:04:05.000678" and dt.datetime.combine(d.date(), d.time()) == d and repr(d) == "datetime.datetime(2024, 1, 2, 3, 4, 5, 678)"
    u = dt.datetime(2024, 1, 1, tzinfo=dt.timezone.utc)
    assert u.timestamp() == 1704067200.0 and dt.datetime.fromtimestamp(0, dt.timezone.utc).year == 1970 and u.astimezone(dt.timezone(dt.timedelta(hours=2))).hour == 2 and str(u) == "2024-01-01 00:00:00+00:00" and dt.datetime.fromisoformat("2024-01-01T00:00:00Z") == u and str(dt.timezone(dt.timedelta(hours=-5, minutes=-30))) == "UTC-05:30" and u == dt.datetime(2024, 1, 1, 1, tzinfo=dt.timezone(dt.timedelta(hours=1)))
    raises(TypeError, lambda: d < u)
    assert d != u


def test_time_type_and_tzinfo():
    t = dt.time(12, 30)
    assert t.isoformat() == "12:30:00" and dt.time.fromisoformat("12:30") == t and t < dt.time(13) and t.replace(hour=1).hour == 1
    class Z(dt.tzinfo):
        def utcoffset(self, d): return dt.timedelta(hours=3)
        def dst(self, d): return None
        def tzname(self, d): return "Z3"
    assert dt.datetime(2024, 1, 1, 3, tzinfo=Z()).astimezone(dt.timezone.utc).hour == 0 and dt.datetime(2024, 1, 1, tzinfo=Z()).strftime("%Z %z") == "Z3 +0300"


def test_pickle_and_subclass():
    import pickle
    for v in (dt.date(2024, 1, 1), dt.datetime(2024, 1, 1, tzinfo=dt.UTC), dt.timedelta(1, 2, 3), dt.time(1, fold=1)):
        assert pickle.loads(pickle.dumps(v)) == v
    class D(dt.datetime):
        pass
    assert type(D(2024, 1, 1) + dt.timedelta(1)) is D and D.now().tzinfo is None


def test_time_module():
    assert time.time() > 1.6e9 and time.monotonic() <= time.monotonic() and time.perf_counter_ns() > 0 and time.gmtime(86400).tm_mday == 2 and time.strftime("%Y", time.gmtime(0)) == "1970" and time.strptime("2024", "%Y").tm_year == 2024 and time.struct_time((1,) * 9).tm_year == 1 and time.process_time() >= 0 and time.asctime(time.gmtime(0)) == "Thu Jan  1 00:00:00 1970" and time.get_clock_info("monotonic").monotonic
    t = time.perf_counter()
    time.sleep(0.01)
    assert time.perf_counter() - t >= 0.009
    raises(ValueError, time.sleep, -1)


def test_calendar():
    import calendar
    assert calendar.isleap(2024) and calendar.monthrange(2024, 2) == (3, 29) and calendar.month(2024, 2).splitlines()[0].strip() == "February 2024" and calendar.timegm((1970, 1, 2, 0, 0, 0)) == 86400 and calendar.day_name[0] == "Monday"
