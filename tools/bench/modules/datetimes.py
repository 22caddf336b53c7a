"""Dates and times: construct, add, subtract, compare, hash, zones, isoformat and its parsing."""

SIZE = 80_000
CHECKSUM = 21941069775


def main(n):
    from datetime import date, datetime, timedelta, timezone

    start = datetime(2024, 1, 1, 12, tzinfo=timezone.utc)
    zone = timezone(timedelta(hours=5, minutes=30))
    step = timedelta(hours=7, seconds=11, microseconds=250)
    seen = set()
    total = 0
    now = start
    for i in range(n):
        now += step
        there = now.astimezone(zone)
        text = there.isoformat()
        back = datetime.fromisoformat(text)
        if back != now or back < start:
            total -= 1000
        passed = back - start
        total += passed.days + passed.seconds + int(passed.total_seconds()) % 7
        day = date(there.year, there.month, there.day)
        if day not in seen:
            seen.add(day)
            total += day.toordinal() + day.isocalendar()[1]
        total += len(text) + there.hour * now.minute + (there.replace(hour=0) > now)
    return total + len(seen)


if __name__ == "__main__":
    import sys
    import time
    size = int(sys.argv[1]) if len(sys.argv) > 1 else SIZE
    start = time.perf_counter()
    result = main(size)
    print("seconds", time.perf_counter() - start)
    print("checksum", result)
