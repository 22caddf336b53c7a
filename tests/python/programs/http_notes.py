"""http.server and urllib: routes, forms, cookies, ranges, errors, redirects, many clients."""
import concurrent.futures
import email.message
import gzip
import html
import http.client
import http.cookiejar
import http.cookies
import http.server
import io
import json
import socketserver
import threading
import urllib.error
import urllib.parse
import urllib.request


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server_version, sys_version = "Notes/1", ""
    notes, lock, log = {}, threading.Lock(), []

    def log_message(self, form, *args):
        with self.lock:
            self.log.append(form % args)

    def reply(self, body, status=200, kind="application/json", **headers):
        if not isinstance(body, bytes):
            body = json.dumps(body, ensure_ascii=False).encode()
        if "gzip" in self.headers.get("Accept-Encoding", ""):
            body = gzip.compress(body, mtime=0)
            headers["Content-Encoding"] = "gzip"
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def do_GET(self):
        path, _, query = self.path.partition("?")
        match path.strip("/").split("/"):
            case [""]:
                items = "".join(f"<li>{html.escape(n)}</li>" for n in sorted(self.notes))
                self.reply(f"<ul>{items}</ul>".encode(), kind="text/html; charset=utf-8")
            case ["notes", name]:
                name = urllib.parse.unquote(name)
                if name in self.notes:
                    self.reply({name: self.notes[name]})
                else:
                    self.send_error(404, explain=f"no note {name!r}")
            case ["old"]:
                self.send_response(302)
                self.send_header("Location", "/query?moved=1")
                self.send_header("Content-Length", "0")
                self.end_headers()
            case ["query"]:
                self.reply(urllib.parse.parse_qs(query, keep_blank_values=True))
            case ["count"]:
                jar = http.cookies.SimpleCookie(self.headers.get("Cookie", ""))
                n = int(jar["n"].value) + 1 if "n" in jar else 1
                self.reply({"n": n}, Set_Cookie=f"n={n}; Path=/")
            case ["chunks"]:
                self.send_response(200)
                self.send_header("Transfer-Encoding", "chunked")
                self.end_headers()
                for part in (b"one ", b"two ", b"three"):
                    self.wfile.write(b"%x\r\n%s\r\n" % (len(part), part))
                self.wfile.write(b"0\r\n\r\n")
            case _:
                self.send_error(404)
    do_HEAD = do_GET

    def do_POST(self):
        data = self.rfile.read(int(self.headers["Content-Length"]))
        if self.headers.get_content_type() != "application/x-www-form-urlencoded":
            return self.send_error(415)
        with self.lock:
            for name, value in urllib.parse.parse_qsl(data.decode()):
                self.notes.setdefault(name, []).append(value)
        self.reply({"stored": len(self.notes)}, 201)


def main():
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    base = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}), urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar()))
    def get(path, data=None, **headers):
        request = urllib.request.Request(base + path, data, headers)
        try:
            with opener.open(request, timeout=20) as answer:
                return answer.status, answer.headers.get_content_type(), answer.read()
        except urllib.error.HTTPError as exc:
            with exc:
                return exc.code, exc.reason, len(exc.read()) > 50
    print(get("/"))
    print(get("/notes", urllib.parse.urlencode({"é & <b>": "value 1", "b": "x"}).encode()))
    print(get("/"), get("/notes/" + urllib.parse.quote("é & <b>")), get("/notes/zz"))
    print(get("/old"), get("/query?a=1&a=2&b="))
    print([get("/count")[2] for _ in range(3)])
    print(get("/chunks"), get("/none"))
    print(get("/notes", b"{}", **{"Content-Type": "text/json"}))
    status, kind, body = get("/query?x=y", **{"Accept-Encoding": "gzip"})
    print(status, gzip.decompress(body))
    connection = http.client.HTTPConnection("127.0.0.1", server.server_port, timeout=20)
    for method, path in [("HEAD", "/"), ("GET", "/query?k=v"), ("PATCH", "/")]:
        connection.request(method, path)
        answer = connection.getresponse()
        print(method, answer.status, answer.reason, answer.version, answer.getheader("server"), len(answer.read()) > 0, answer.will_close)
    connection.close()
    def one(n):
        return get("/notes", urllib.parse.urlencode({f"k{n % 7}": n}).encode())[0]
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        print(set(pool.map(one, range(60))))
    print({k: len(v) for k, v in sorted(Handler.notes.items())}, len(Handler.log), Handler.log[0])
    server.shutdown()
    thread.join()
    server.server_close()
    try:
        get("/")
    except urllib.error.URLError as exc:
        print(type(exc.reason).__name__, exc.reason.errno)


if __name__ == "__main__":
    main()
