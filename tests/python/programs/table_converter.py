"""CSV to JSON and back, by argparse with subcommands, type guessing, dialects, and good error messages."""
import argparse
import csv
import datetime
import decimal
import io
import json
import os
import re
import sys
import tempfile


def guess(text):
    text = text.strip()
    if not text:
        return None
    if text.lower() in ("true", "false"):
        return text.lower() == "true"
    if re.fullmatch(r"[+-]?\d+", text):
        return int(text)
    try:
        return float(decimal.Decimal(text))
    except decimal.InvalidOperation:
        pass
    try:
        return datetime.date.fromisoformat(text)
    except ValueError:
        return text


class Encoder(json.JSONEncoder):
    def default(self, o):
        if isinstance(o, datetime.date):
            return {"$date": o.isoformat()}
        return super().default(o)


def dialect_of(text):
    try:
        return csv.Sniffer().sniff(text, delimiters=",;\t|")
    except csv.Error:
        return csv.excel


def to_json(options):
    text = options.input.read()
    rows = csv.DictReader(io.StringIO(text, newline=""), dialect=dialect_of(text) if options.sniff else "excel")
    data = [{k: guess(v) for k, v in row.items() if k in (options.columns or row)} for row in rows]
    for old, new in options.rename or ():
        data = [{new if k == old else k: v for k, v in row.items()} for row in data]
    json.dump(data, options.output, cls=Encoder, indent=options.indent, sort_keys=options.sort, ensure_ascii=False)
    options.output.write("\n")


def from_json(options):
    data = json.load(options.input, object_hook=lambda d: d.get("$date", d))
    names = list(dict.fromkeys(k for row in data for k in row))
    writer = csv.DictWriter(options.output, names, quoting=getattr(csv, "QUOTE_" + options.quoting.upper()), lineterminator="\n")
    writer.writeheader()
    writer.writerows(data)


def pair(text):
    old, sep, new = text.partition("=")
    if not sep:
        raise argparse.ArgumentTypeError(f"{text!r} is not OLD=NEW")
    return old, new


def parser():
    top = argparse.ArgumentParser(prog="convert", description="Converts tables.", epilog="Reads standard input by default.")
    top.add_argument("-v", "--verbose", action="count", default=0, help="more output (default: %(default)s)")
    top.add_argument("--version", action="version", version="%(prog)s 1.2")
    commands = top.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for name, function, text in [("json", to_json, "CSV to JSON"), ("csv", from_json, "JSON to CSV")]:
        sub = commands.add_parser(name, help=text, description=text)
        sub.set_defaults(function=function)
        sub.add_argument("input", nargs="?", type=argparse.FileType("r", encoding="utf-8"), default=sys.stdin)
        sub.add_argument("-o", "--output", type=argparse.FileType("w", encoding="utf-8"), default=sys.stdout, metavar="FILE")
        if name == "json":
            sub.add_argument("--columns", nargs="+")
            sub.add_argument("--rename", type=pair, action="append", metavar="OLD=NEW")
            group = sub.add_mutually_exclusive_group()
            group.add_argument("--indent", type=int, choices=range(9))
            group.add_argument("--compact", dest="indent", action="store_const", const=None)
            sub.add_argument("--sort", action=argparse.BooleanOptionalAction, default=False)
            sub.add_argument("--sniff", action="store_true")
        else:
            sub.add_argument("--quoting", choices=["minimal", "all", "nonnumeric", "none"], default="minimal")
    return top


def main(argv):
    try:
        options = parser().parse_args(argv)
        options.function(options)
        for file in (options.input, options.output):
            if file not in (sys.stdin, sys.stdout):
                file.close()
        return 0
    except SystemExit as exc:
        return exc.code


if __name__ == "__main__":
    os.environ["COLUMNS"] = "80"
    sys.stderr = sys.stdout
    folder = tempfile.mkdtemp()
    os.chdir(folder)
    with open("a.csv", "w", encoding="utf-8", newline="") as f:
        f.write('name;born;score;ok;note\r\n"Zoë; K";1990-02-28;12.50;true;"two\nlines"\r\nBob;2001-13-01;-7;FALSE;\r\nÁsa;;1e3;x;"say ""hi"""\r\n')
    for line in ["json a.csv --sniff --indent 1", "json a.csv --sniff --columns name score --sort --rename score=points -o a.json", "json a.csv --indent 2 --compact",
                 "csv a.json", "csv a.json --quoting all", "csv a.json --quoting nonnumeric", "json missing.csv", "json a.csv --indent 12", "json --rename x a.csv",
                 "", "xml", "--version", "-h", "json -h", "csv --help", "json a.csv --colum name --no-sort --sniff", "json a.csv --s"]:
        print("$", line)
        print("->", main(line.split()))
    os.remove("a.csv"), os.remove("a.json"), os.chdir("/"), os.rmdir(folder)
