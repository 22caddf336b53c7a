"""A logging set-up: dictConfig, rotation by size, filters, adapters, a queue listener, a JSON formatter, warnings, exceptions."""
import contextlib
import io
import json
import logging
import logging.config
import logging.handlers
import os
import queue
import sys
import tempfile
import threading
import warnings


class JsonFormatter(logging.Formatter):
    def __init__(self, fields=(), **kw):
        super().__init__(**kw)
        self.fields = fields

    def format(self, record):
        out = {"level": record.levelname, "name": record.name, "text": record.getMessage()}
        out |= {name: getattr(record, name) for name in self.fields if hasattr(record, name)}
        if record.exc_info:
            out["error"] = self.formatException(record.exc_info).splitlines()[-1]
        return json.dumps(out, sort_keys=True)


class Redact(logging.Filter):
    def filter(self, record):
        if isinstance(record.args, dict) and "password" in record.args:
            record.args = record.args | {"password": "***"}
        return "noise" not in record.msg


class Context(logging.LoggerAdapter):
    def process(self, msg, kwargs):
        kwargs["extra"] = {**self.extra, **kwargs.get("extra", {})}
        return f"[{self.extra['request']}] {msg}", kwargs


def config(folder):
    return {
        "version": 1, "disable_existing_loggers": False,
        "formatters": {
            "plain": {"format": "{levelname:<8}{name}: {message}", "style": "{", "validate": True},
            "json": {"()": JsonFormatter, "fields": ["request", "user"]},
        },
        "filters": {"redact": {"()": Redact}},
        "handlers": {
            "console": {"class": "logging.StreamHandler", "formatter": "plain", "stream": "ext://sys.stdout", "level": "WARNING", "filters": ["redact"]},
            "rotating": {"class": "logging.handlers.RotatingFileHandler", "formatter": "json", "filename": os.path.join(folder, "app.log"),
                         "maxBytes": 400, "backupCount": 3, "encoding": "utf-8", "filters": ["redact"]},
            "memory": {"class": "logging.handlers.MemoryHandler", "capacity": 5, "flushLevel": "ERROR", "target": "console"},
        },
        "loggers": {"app": {"level": "DEBUG", "handlers": ["rotating", "console"], "propagate": False}, "app.db": {"level": "INFO"}, "mem": {"handlers": ["memory"], "propagate": False}},
        "root": {"level": "WARNING", "handlers": ["console"]},
    }


def main(folder):
    logging.config.dictConfig(config(folder))
    log, db = logging.getLogger("app"), logging.getLogger("app.db")
    log.debug("start %s", "é")
    log.warning("login %(user)s %(password)s", {"user": "bo", "password": "secret"})
    db.debug("not seen")
    db.info("query took %.2f ms", 1.239)
    log.warning("noise is filtered")
    Context(log, {"request": 17, "user": "ann"}).error("denied")
    try:
        try:
            {}["k"]
        except KeyError as exc:
            raise ValueError("bad row") from exc
    except ValueError:
        log.exception("import failed")
    for n in range(20):
        log.info("row %03d %s", n, "x" * 20, extra={"user": n})
    logging.getLogger("other").critical("root sees this")
    logging.getLogger("other").info("but not this")
    for name in sorted(os.listdir(folder)):
        with open(os.path.join(folder, name), encoding="utf-8") as file:
            lines = [json.loads(line) for line in file]
        print(name, len(lines), lines[0]["text"], "|", lines[-1]["text"])
    memory = logging.getLogger("mem")
    memory.warning("kept back")
    print("nothing yet")
    memory.error("now both")
    log.addHandler(seen := logging.handlers.QueueHandler(queue.Queue()))
    listener = logging.handlers.QueueListener(seen.queue, collect := logging.StreamHandler(text := io.StringIO()))
    collect.setFormatter(logging.Formatter("%(threadName)s %(funcName)s %(message)s"))
    listener.start()
    threads = [threading.Thread(target=lambda n=n: [log.info("job %d.%d", n, i) for i in range(25)], name=f"T{n}") for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    listener.stop()
    lines = text.getvalue().splitlines()
    print(len(lines), sorted(lines)[0], [line for line in lines if line.startswith("T2")][-1])
    logging.captureWarnings(True)
    warnings.simplefilter("always")
    warnings.warn("old thing", DeprecationWarning, stacklevel=1)
    logging.captureWarnings(False)
    print(logging.getLevelNamesMapping()["WARN"], logging.getLevelName(35), log.getEffectiveLevel(), db.isEnabledFor(10), sorted(c.name for c in log.getChildren()))
    logging.raiseExceptions = True
    with contextlib.redirect_stderr(io.StringIO()) as err:
        log.error("%d", "no number")
    print(err.getvalue().splitlines()[0], err.getvalue().splitlines()[-2:])
    try:
        logging.config.dictConfig({"version": 1, "handlers": {"x": {"class": "logging.NoSuch"}}, "root": {"handlers": ["x"]}})
    except ValueError as exc:
        print(exc, "<-", exc.__cause__)
    buffer = io.StringIO()
    logging.basicConfig(stream=buffer, level="INFO", format="%(levelname)s:%(message)s", force=True)
    logging.info("plain %s", [1])
    logging.log(25, "odd", stack_info=True)
    print(buffer.getvalue().splitlines()[:3])
    logging.shutdown()


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        main(folder)
