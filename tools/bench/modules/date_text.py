"""Dates as text: strftime, strptime, str, repr, pickle."""

SIZE = 22_000
CHECKSUM = 6574950


def main(n):
    import pickle
    from datetime import date, datetime, timedelta

    now = datetime(2024, 1, 31, 23, 59, 1, 5)
    total = 0
    for i in range(n):
        now += timedelta(days=1, minutes=17, microseconds=i)
        text = now.strftime("%Y-%m-%d %H:%M:%S.%f")
        if datetime.strptime(text, "%Y-%m-%d %H:%M:%S.%f") != now:
            total -= 1000
        total += len(f"{now:%a %d %b}") + len(str(now)) + len(repr(now))
        day = now.date()
        total += date.fromisoformat(str(day)).month
        total += pickle.loads(pickle.dumps(now)).second
        total += now.timetuple().tm_yday
    return total


if __name__ == "__main__":
    import sys
    import time
    size = int(sys.argv[1]) if len(sys.argv) > 1 else SIZE
    start = time.perf_counter()
    result = main(size)
    print("seconds", time.perf_counter() - start)
    print("checksum", result)
