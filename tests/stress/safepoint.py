#!/usr/bin/env python3
"""How long native code runs between two safepoints: so long it can keep all other threads from stopping.

    safepoint.py --python target/release/taipan [--limit MS] [--stacks] [NAME ...]

Each operation runs alone with TAIPAN_SAFEPOINT_GAP, which measures every stretch between two safepoints in the
thread's own processor time: exactly, and whatever else the machine does. An operation fails over the limit (10 ms)
in each of three runs, since memory and processor are shared. Over half the limit it is reported. --stacks prints where such stretches end.
"""
import argparse
import concurrent.futures
import os
import subprocess
import sys

# Name to (what is set up, what is repeated).
OPERATIONS = {
    "int_mul": ("x = 3 ** 600000", "x * x"),
    "int_pow": ("", "3 ** 400000"),
    "int_divmod": ("x = 3 ** 400000; y = 7 ** 100000", "x // y"),
    "int_str": ("import sys; sys.set_int_max_str_digits(0); x = 3 ** 200000", "str(x)"),
    "int_parse": ("import sys; sys.set_int_max_str_digits(0); s = '7' * 100000", "int(s)"),
    "pow_mod": ("p = (1 << 9689) - 1", "pow(3, p - 1, p)"),
    "factorial": ("import math", "math.factorial(20000)"),
    "sum": ("", "sum(range(3000000))"),
    "sum_floats": ("x = [0.5] * 2000000", "sum(x)"),
    "fsum": ("import math; x = [0.1] * 2000000", "math.fsum(x)"),
    "sorted": ("import random; x = [random.random() for _ in range(300000)]", "sorted(x)"),
    "sorted_str": ("import random; x = [str(random.random()) for _ in range(100000)]", "sorted(x)"),
    "list_in": ("x = [1.5] * 5000000", "2.5 in x"),
    "list_repeat": ("", "[0] * 10000000"),
    "list_copy": ("x = [0] * 10000000", "x[:]"),
    "list_reverse": ("x = [0] * 10000000", "x.reverse()"),
    "list_eq": ("x = [0] * 3000000; y = [0] * 3000000", "x == y"),
    "list_extend": ("", "[].extend(range(3000000))"),
    "min_max": ("x = list(range(2000000))", "max(x)"),
    "dict_build": ("", "dict.fromkeys(range(500000))"),
    "dict_copy": ("d = dict.fromkeys(range(1000000))", "dict(d)"),
    "dict_eq": ("d = dict.fromkeys(range(500000)); e = dict(d)", "d == e"),
    "set_build": ("x = list(range(500000))", "set(x)"),
    "set_and": ("a = set(range(500000)); b = set(range(250000, 750000))", "a & b"),
    "str_join": ("x = ['ab'] * 2000000", "''.join(x)"),
    "str_replace": ("s = 'ab' * 3000000", "s.replace('a', 'xyz')"),
    "str_find": ("s = 'a' * 20000000", "s.find('ab')"),
    "str_split": ("s = 'ab ' * 1000000", "s.split()"),
    "str_upper": ("s = 'ab' * 10000000", "s.upper()"),
    "str_encode": ("s = '\\u20ac' * 10000000", "s.encode()"),
    "str_decode": ("b = '\\u20ac'.encode() * 5000000", "b.decode()"),
    "str_eq": ("s = 'a' * 50000000; t = s[1:] + 'a'", "s == t"),
    "str_repeat": ("", "'ab' * 30000000"),
    "bytes_repeat": ("", "b'ab' * 30000000"),
    "bytes_translate": ("b = bytes(30000000); t = bytes(256)", "b.translate(t)"),
    "bytes_count": ("b = bytes(50000000)", "b.count(1)"),
    "bytes_hex": ("b = bytes(10000000)", "b.hex()"),
    "bytearray_insert": ("b = bytearray(30000000)", "b.insert(0, 1)"),
    "regex": ("import re; s = 'a' * 30", "re.match('(a+)+$', s[:22] + 'b')"),
    "regex_findall": ("import re; s = 'ab ' * 500000", "re.findall('a', s)"),
    "regex_sub": ("import re; s = 'ab ' * 300000", "re.sub('a', 'x', s)"),
    "zlib": ("import zlib, os; x = os.urandom(2000000)", "zlib.compress(x)"),
    "zlib_crc": ("import zlib; x = bytes(100000000)", "zlib.crc32(x)"),
    "sha": ("import hashlib; x = bytes(20000000)", "hashlib.sha256(x).digest()"),
    "json_dumps": ("import json; x = [[i, str(i)] for i in range(100000)]", "json.dumps(x)"),
    "json_loads": ("import json; x = json.dumps([[i, str(i)] for i in range(100000)])", "json.loads(x)"),
    "marshal": ("import marshal; x = [[i, str(i)] for i in range(200000)]", "marshal.loads(marshal.dumps(x))"),
    "base64": ("import base64; x = bytes(20000000)", "base64.b64encode(x)"),
    "struct": ("import struct; x = bytes(8000000)", "struct.unpack('1000000q', x)"),
    "array": ("import array; x = array.array('d', bytes(16000000))", "x.tolist()"),
    "compile": ("s = 'x = [1, 2]\\n' * 20000", "compile(s, 'f', 'exec')"),
    "deque": ("import collections; d = collections.deque(range(1000000))", "d.rotate(400000)"),
    "product": ("import itertools, collections", "collections.deque(itertools.product(range(60), repeat=4), maxlen=0)"),
    "normalize": ("import unicodedata; s = '\\u1e9b\\u0323' * 300000", "unicodedata.normalize('NFKD', s)"),
    "csv": ("import csv; x = ['a,b,c'] * 200000", "list(csv.reader(x))"),
    "memoryview": ("m = memoryview(bytes(30000000)); n = memoryview(bytes(30000000))", "m == n"),
    "memory_tolist": ("m = memoryview(bytes(8000000))", "m.tolist()"),
    "read_file": ("", "open('/dev/zero', 'rb').read(100000000)"),
    "random": ("import random", "random.randbytes(10000000)"),
    "copy": ("import copy; x = [[i] for i in range(50000)]", "copy.deepcopy(x)"),
    "list_sort_key": ("x = list(range(300000))", "sorted(x, key=lambda v: -v)"),
    "list_insert": ("x = [0] * 5000000", "x.insert(0, 1)"),
    "list_del": ("x = [0] * 6000000", "del x[1:2]; del x[::2]; x.extend([0] * 3000000)"),
    "list_slice_set": ("x = [0] * 4000000; y = [1] * 2000000", "x[::2] = y; x[5:5] = y; del x[5:2000005]"),
    "list_clear": ("", "x = [0] * 5000000; x.clear()"),
    "list_count": ("x = [1] * 4000000", "x.count(2), x.count('a')"),
    "list_repr": ("x = list(range(300000))", "repr(x)"),
    "list_add": ("x = [0] * 3000000", "x + x"),
    "list_extended_slice": ("x = [0] * 6000000", "x[::2]"),
    "list_of_range": ("", "list(range(2000000))"),
    "list_of_dict": ("d = dict.fromkeys(range(1000000))", "list(d); list(d.items()); list(d.values())"),
    "list_of_str": ("s = 'ab' * 1000000", "list(s)"),
    "list_of_bytes": ("s = b'ab' * 1000000", "list(s)"),
    "list_of_set": ("x = set(range(1000000))", "list(x)"),
    "tuple_of_list": ("x = [0] * 5000000", "tuple(x)"),
    "tuple_ops": ("x = (0,) * 3000000", "x + x; x * 2; x[::2]; x[1:]; hash(x); x == x[:]; 1 in x; x.count(1)"),
    "tuple_repeat": ("", "(0,) * 10000000"),
    "unpack": ("x = list(range(1000000))", "a, *b = x"),
    "call_star": ("x = list(range(1000000)); f = lambda *a: None", "f(*x)"),
    "zip": ("x = list(range(500000))", "list(zip(x, x)); dict(zip(x, x))"),
    "map_filter": ("x = list(range(500000))", "list(map(str, x)); list(filter(None, x))"),
    "reversed": ("x = list(range(1000000))", "list(reversed(x)); x[::-1]"),
    "any_all": ("x = [0] * 3000000", "any(x); all(y for y in ())"),
    "dict_update": ("d = dict.fromkeys(range(500000)); e = dict.fromkeys(range(400000, 800000))", "{**d, **e}; d | e"),
    "dict_str_keys": ("x = [str(i) for i in range(300000)]", "dict.fromkeys(x)"),
    "dict_views": ("d = dict.fromkeys(range(300000)); e = dict.fromkeys(range(200000, 400000))", "d.keys() & e.keys(); d.keys() - e.keys(); d.items() ^ e.items()"),
    "dict_repr": ("d = dict.fromkeys(range(200000))", "str(d)"),
    "set_ops": ("a = set(range(400000)); b = set(range(200000, 600000))", "a | b; a - b; a ^ b; a.copy(); a <= b; a == b; a.isdisjoint(b); frozenset(a); hash(frozenset(a))"),
    "set_update": ("a = set(range(400000)); b = set(range(200000, 600000))", "c = set(); c |= a; c &= b; c -= a; c ^= b; c.update(range(10 ** 6))"),
    "str_concat": ("s = 'ab' * 20000000", "s + s"),
    "str_slice": ("s = 'ab' * 20000000", "s[1:]; s[::2]; s[::-1]"),
    "str_slice_wide": ("s = '\u20ac' * 10000000", "s[1:]; s[::2]; s[::-1]; s + 'a'"),
    "str_hash": ("b = b'ab' * 20000000", "hash(b.decode()); hash(b + b'a')"),
    "str_tests": ("s = 'ab' * 10000000", "s.isalpha(); s.islower(); s.isascii(); s.isidentifier(); s.isalnum(); s.istitle(); s.isspace(); s.isprintable()"),
    "str_tests_wide": ("s = 'a\u20ac' * 4000000", "s.isalpha(); s.islower(); s.isascii(); s.isidentifier(); s.isalnum(); s.isprintable()"),
    "str_case": ("s = 'ab Cd' * 3000000", "s.lower(); s.title(); s.swapcase(); s.capitalize(); s.casefold()"),
    "str_case_wide": ("s = '\u0430b Cd' * 1000000", "s.lower(); s.title(); s.swapcase(); s.capitalize(); s.casefold(); s.upper()"),
    "str_strip": ("s = ' ' * 20000000 + 'a' + ' ' * 20000000", "s.strip(); s.strip(' b')"),
    "str_pad": ("s = 'ab'", "s.center(30000000); s.ljust(30000000, '\u20ac'); s.zfill(30000000); '%30000000s' % s; f'{s:>30000000}'"),
    "str_count": ("s = 'ab' * 20000000", "s.count('b'); s.count('bb'); s.rfind('c'); 'ac' in s"),
    "str_find_wide": ("s = '\u20acb' * 5000000", "s.find('c'); s.count('b'); s.rfind('bb'); s.find('\u20ac\u20ac'); s.replace('b', 'cd'); s.split('b')"),
    "str_split_sep": ("s = 'ab,' * 1000000", "s.split(','); s.rsplit(','); s.splitlines(); s.partition('x'); s.rsplit()"),
    "str_lines": ("s = 'ab\\n' * 1000000", "s.splitlines()"),
    "str_translate": ("s = 'ab' * 2000000; t = {97: 'xy'}; u = str.maketrans('ab', 'cd')", "s.translate(t); s.translate(u)"),
    "str_expandtabs": ("s = 'a\t' * 4000000", "s.expandtabs()"),
    "str_repr": ("s = 'ab' * 10000000", "repr(s)"),
    "str_repr_hard": ("s = 'a\\n\\u20ac' * 3000000", "repr(s); ascii(s)"),
    "str_compare": ("s = 'a' * 40000000; t = s[1:] + 'b'", "s < t; s != t"),
    "str_join_sep": ("x = ['ab'] * 2000000", "','.join(x); '\u20ac'.join(x)"),
    "str_join_long": ("x = ['ab' * 10000000] * 3", "''.join(x)"),
    "str_format": ("x = list(range(300000))", "'{}'.format(x); '%s' % x; f'{x}'"),
    "encode_latin": ("s = '\xe4' * 10000000", "s.encode('latin-1'); s.encode('utf-8'); s.encode('utf-16'); s.encode('ascii', 'ignore')"),
    "encode_others": ("s = '\xe4' * 2000000", "s.encode('cp1252'); s.encode('utf-32'); s.encode('utf-7'); s.encode('unicode_escape'); s.encode('raw_unicode_escape')"),
    "decode_latin": ("b = b'\\xe4' * 10000000", "b.decode('latin-1'); b.decode('utf-8', 'replace')"),
    "decode_ascii": ("b = b'a' * 40000000", "b.decode(); b.decode('ascii')"),
    "decode_others": ("b = b'ab' * 1000000", "b.decode('cp1252'); b.decode('utf-16'); b.decode('utf-7'); b.decode('unicode_escape'); b.decode('raw_unicode_escape')"),
    "bytes_concat": ("b = bytes(40000000)", "b + b; b[1:]; b[::2]; bytes(bytearray(b)); b == b[:-1] + b'a'"),
    "bytes_find": ("b = b'ab' * 20000000", "b.find(b'ac'); b.rfind(b'c'); b.replace(b'b', b'cd'); b.count(b'ab'); 99 in b; b.isalpha()"),
    "bytes_split": ("b = b'ab ' * 1000000", "b.split(); b.splitlines(); b.split(b'a'); b.partition(b'x')"),
    "bytes_case": ("b = b'ab' * 10000000", "b.upper(); b.title(); b.swapcase(); b.capitalize(); b.islower(); b.strip(b'a')"),
    "bytes_join": ("x = [b'ab'] * 1000000", "b''.join(x); b','.join(x)"),
    "bytes_pad": ("b = b'ab'", "b.center(40000000); b.zfill(40000000); bytes(40000000); b.ljust(40000000)"),
    "bytes_repr": ("b = b'ab\\0' * 3000000", "repr(b)"),
    "bytes_fromhex": ("s = 'ab' * 10000000", "bytes.fromhex(s)"),
    "bytes_of_list": ("x = [1] * 3000000", "bytes(x); bytearray(x)"),
    "bytes_hash": ("b = b'ab' * 20000000", "hash(b + b'c')"),
    "bytearray_ops": ("b = bytearray(20000000)", "b[5:5] = bytes(10000000); del b[5:10000005]; b.reverse(); b.copy(); b + b; b.extend(bytes(1000)); b.find(b'a'); b.count(1)"),
    "bytearray_more": ("b = bytearray(20000000)", "b.translate(bytes(256)); b.replace(b'\\0', b'a'); b == b[:]; b * 2; b[::2] = b[1::2]; b.upper(); b.hex()"),
    "bytearray_pop": ("b = bytearray(30000000)", "b.pop(0); b.remove(0); b.append(1)"),
    "int_bytes": ("b = b'ab' * 200000", "int.from_bytes(b); int.from_bytes(b, 'little').to_bytes(400000)"),
    "int_shift": ("x = 1 << 100000000", "x >> 5; x << 5; x & x; x | x; x + x; x - x; ~x; -x; x == -x; x.bit_length(); x.bit_count()"),
    "int_hex": ("x = 3 ** 2000000", "hex(x); bin(x); int(hex(x), 16); hash(x); '%x' % x; float(x >> 3169000)"),
    "int_gcd": ("import math; x = 3 ** 20000; y = 7 ** 15000", "math.gcd(x, y); math.isqrt(x); pow(x, -1, y)"),
    "math_more": ("import math; x = [1.5] * 1000000; y = list(range(1, 3000))", "math.prod(x); math.hypot(*x); math.dist(x, x); math.sumprod(x, x); math.prod(y); math.comb(20000, 10000); math.perm(5000)"),
    "bisect_heapq": ("import heapq, random; x = [random.random() for _ in range(500000)]", "y = x[:]; heapq.heapify(y); heapq.nlargest(10, x)"),
    "deque_ops": ("import collections; d = collections.deque(range(1000000))", "d.copy(); d.reverse(); d.extend(range(500000)); list(d); d == d.copy(); d.count(-1); d.index(5); d.insert(300000, 1); d.remove(1); del d[400000]; d.clear(); d.extend(range(1000000))"),
    "counter": ("import collections; x = list(range(300000))", "collections.Counter(x); collections.Counter('ab' * 500000)"),
    "ordered_dict": ("import collections", "d = collections.OrderedDict.fromkeys(range(200000)); d.copy(); d.move_to_end(0, last=False); d == d.copy(); reversed(d)"),
    "groupby": ("import itertools, collections; x = [0] * 1000000", "[len(list(g)) for k, g in itertools.groupby(x)]; list(itertools.chain(x, x)); list(itertools.accumulate(x)); list(itertools.islice(x, 999999, None)); list(itertools.batched(x, 100000))"),
    "combinations": ("import itertools, collections", "collections.deque(itertools.combinations(range(60), 4), maxlen=0); list(itertools.tee(range(500000))[0])"),
    "reduce": ("import functools, operator", "functools.reduce(operator.add, range(1000000))"),
    "regex_long": ("import re; s = 'ab' * 3000000", "re.search('c', s); re.fullmatch('(ab)*', s); re.match('.*', s); re.search('[c-z]', s); re.split('b', s[:600000]); re.search('x*y', s)"),
    "zlib_more": ("import zlib; x = zlib.compress(bytes(50000000))", "zlib.decompress(x); zlib.adler32(bytes(50000000)); o = zlib.compressobj(); o.compress(bytes(5000000)); o.flush(); zlib.decompressobj().decompress(x)"),
    "bz2": ("import bz2; x = bytes(range(256)) * 20000", "bz2.decompress(bz2.compress(x))"),
    "hashes": ("import hashlib, hmac; x = bytes(10000000)", "[hashlib.new(n, x).digest() for n in ('md5', 'sha1', 'sha512', 'blake2b', 'blake2s', 'sha3_256')]; hashlib.shake_128(x).digest(10000000); hmac.digest(b'k', x, 'sha256')"),
    "binascii": ("import binascii; x = bytes(5000000)", "h = binascii.hexlify(x); binascii.unhexlify(h); binascii.crc32(x); binascii.crc_hqx(x, 0); b = binascii.b2a_base64(x); binascii.a2b_base64(b); q = binascii.b2a_qp(x[:1000000]); binascii.a2b_qp(q)"),
    "json_str": ("import json; s = 'ab\\n' * 2000000; t = json.dumps(s)", "json.dumps(s); json.loads(t); json.dumps('\\u20ac' * 1000000)"),
    "json_flat": ("import json; x = list(range(500000)); t = json.dumps(x)", "json.dumps(x); json.loads(t); json.dumps(dict.fromkeys(map(str, x)))"),
    "json_space": ("import json; t = '[' + ' ' * 20000000 + ']'", "json.loads(t)"),
    "pickle": ("import pickle; x = [[i, str(i)] for i in range(50000)]; y = bytes(20000000)", "pickle.loads(pickle.dumps(x)); pickle.loads(pickle.dumps(y)); pickle.loads(pickle.dumps(x, 0))"),
    "struct_pack": ("import struct; x = list(range(1000000))", "b = struct.pack('1000000q', *x); list(struct.iter_unpack('q', b)); struct.unpack('8000000s', b)"),
    "array_ops": ("import array; a = array.array('i', range(2000000))", "a.tolist(); a.reverse(); a.byteswap(); a * 3; a + a; a[::2]; a.index(-1) if -1 in a else 0; a.tobytes(); array.array('i', a.tobytes()); array.array('i', a.tolist()); array.array('d', a); a == a[:]; a.insert(0, 1); a.pop(0); a.count(5)"),
    "memory_ops": ("m = memoryview(bytearray(20000000))", "m.tobytes(); m[::2].tobytes(); m[::2].tolist()[:1]; m.cast('i').tolist()[:1]; m.hex(); m[:10000000] = m[10000000:]; list(m[:1000000]); m.cast('i') == m.cast('i'); hash(memoryview(bytes(20000000)))"),
    "bytesio": ("import io; x = bytes(30000000)", "b = io.BytesIO(); b.write(x); b.getvalue(); b.seek(0); b.read(); b.write(x); b.truncate(5); io.BytesIO(x).readlines(); io.BytesIO(b'a\\n' * 500000).readlines()"),
    "stringio": ("import io; x = 'ab\\n' * 1000000", "s = io.StringIO(x); s.read(); s.seek(0); s.readlines(); s.write(x); s.getvalue(); io.StringIO(x, newline=None).read()"),
    "text_file": ("import io, tempfile; f = tempfile.TemporaryFile('w+'); x = 'ab\\n' * 1000000", "f.seek(0); f.write(x); f.flush(); f.seek(0); f.read(); f.seek(0); f.readlines(); f.seek(0); sum(1 for _ in f)"),
    "binary_file": ("import tempfile; f = tempfile.TemporaryFile(); x = bytes(30000000)", "f.seek(0); f.write(x); f.flush(); f.seek(0); f.read(); f.seek(0); f.readinto(bytearray(30000000)); f.seek(0); f.readlines()"),
    "os_random": ("import os, random", "os.urandom(30000000); random.getrandbits(30000000); random.Random(b'a' * 3000000)"),
    "os_pipes": ("import os; x = bytes(30000000); f = os.open('/dev/null', os.O_WRONLY)", "os.write(f, x); os.writev(f, [x, x])"),
    "mmap": ("import mmap; m = mmap.mmap(-1, 30000000); x = bytes(30000000)", "m[:] = x; m.find(b'a'); m[:]; m.read(); m.seek(0); m.move(0, 10, 29000000)"),
    "unicode_more": ("import unicodedata; s = 'a\u0301' * 1000000", "unicodedata.normalize('NFC', s); unicodedata.is_normalized('NFC', s); unicodedata.normalize('NFKC', s)"),
    "compile_expr": ("s = '[' + '1, ' * 200000 + ']'; t = '+'.join('x' * 1 for _ in range(5000))", "compile(s, 'f', 'exec'); compile(t, 'f', 'eval')"),
    "compile_functions": ("s = 'def f(a, b):\\n    return a + b\\n' * 5000", "compile(s, 'f', 'exec')"),
    "compile_long_line": ("s = 'x = \"' + 'a' * 10000000 + '\"'; t = '#' + 'a' * 10000000; n = 'x = ' + '7' * 4000", "compile(s, 'f', 'exec'); compile(t, 'f', 'exec'); compile(n, 'f', 'exec')"),
    "ast_parse": ("import ast; s = 'x = [1, 2]\\n' * 10000", "t = ast.parse(s); compile(t, 'f', 'exec'); ast.dump(t)"),
    "tokenize": ("import tokenize, io; s = 'x = [1, 2]\\n' * 10000", "list(tokenize.generate_tokens(io.StringIO(s).readline))"),
    "symtable": ("import symtable; s = 'def f(a):\\n    return a\\n' * 3000", "symtable.symtable(s, 'f', 'exec')"),
    "globals_big": ("g = {f'a{i}': i for i in range(200000)}", "exec('b = 1', g); type('C', (), g); eval('a5', {}, g)"),
    "class_attributes": ("class C: pass\nc = C()\nfor i in range(20000): setattr(c, f'a{i}', i)", "dir(c); vars(c); c.__dict__.copy()"),
    "datetime": ("import datetime; x = [datetime.date(2000, 1, 1)] * 500000", "sorted(x); min(x); x.count(1)"),
    "decimal": ("import decimal, sys; sys.set_int_max_str_digits(0); decimal.getcontext().prec = 5000; x = decimal.Decimal(2)", "x.sqrt(); x / 3; decimal.Decimal(3) ** 5000"),
    "fractions_float": ("x = 0.1", "x.hex(); '%.1000f' % x; f'{x:.1000f}'; repr(x) * 100000; float('1' * 1000000)"),
    "generators": ("", "sum(x for x in range(500000)); list(x for x in range(500000)); [*range(500000)]; {x: x for x in range(300000)}"),
    "sort_strings_key": ("x = [str(i) for i in range(200000)]", "sorted(x, key=str.lower); sorted(x, reverse=True); x.index('199999'); max(x, key=len)"),
    "sort_tuples": ("x = [(i % 100, str(i)) for i in range(200000)]", "sorted(x)"),
    "sort_objects": ("class C:\n    def __init__(s, v): s.v = v\n    def __lt__(s, o): return s.v < o.v\nx = [C(i * 7919 % 30000) for i in range(30000)]", "sorted(x)"),
    "contextvars_many": ("import contextvars; v = [contextvars.ContextVar(str(i)) for i in range(20000)]; [w.set(1) for w in v]", "list(contextvars.copy_context().items())"),
    "weak_sets": ("import weakref\nclass C: pass\nx = [C() for _ in range(100000)]", "w = weakref.WeakSet(x); d = weakref.WeakValueDictionary(enumerate(x)); list(w); len(d)"),
    "gc_objects": ("x = [[i] for i in range(100000)]", "import gc; len(gc.get_objects()); gc.get_referrers(x)"),
    "print": ("import sys; sys.stderr = open('/dev/null', 'w'); x = 'a' * 20000000", "print(x, file=sys.stderr)"),
    "sys_intern": ("import sys; s = 'a' * 20000000", "sys.intern(s + 'b'); sys.getsizeof(s)"),
    "uuid_random": ("import random", "random.sample(range(10 ** 6), 100000); random.choices(range(10), k=200000); x = list(range(100000)); random.shuffle(x)"),
    "difflib": ("import difflib; a = [str(i) for i in range(3000)]; b = a[::2]", "difflib.SequenceMatcher(None, a, b).ratio()"),
    "string_search_bad": ("s = ('a' * 1000 + 'b') * 20000; t = 'a' * 500 + 'b' + 'a' * 500", "s.find(t); s.encode().find(t.encode()); s.count(t)"),
}
PROGRAM = """
import _taipan_testing
{setup}
_taipan_testing.take_longest_gap()
for _ in range(2):
    {body}
print(_taipan_testing.take_longest_gap())
"""


def measure(python, name, stacks):
    """Milliseconds of the longest stretch, or what went wrong."""
    setup, body = OPERATIONS[name]
    program = PROGRAM.format(setup=setup, body=body)
    env = dict(os.environ, TAIPAN_SAFEPOINT_GAP="5" if stacks else "1")
    r = subprocess.run([python, "-X", "taipan-test-modules", "-c", program], env=env, capture_output=True, text=True)
    if stacks:
        print(r.stderr)
    if r.returncode:
        return f"status {r.returncode}; {r.stderr[-300:]}"
    return float(r.stdout.split()[-1])


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--python", default="target/release/taipan")
    parser.add_argument("--limit", type=float, default=10.0, metavar="MS")
    parser.add_argument("--stacks", action="store_true")
    parser.add_argument("--jobs", type=int, default=os.cpu_count())
    parser.add_argument("names", nargs="*")
    options = parser.parse_args()
    passed = failed = 0
    worst = 0.0

    def best_of_three(name):
        best = None
        for _ in range(1 if options.stacks else 3):
            gap = measure(options.python, name, options.stacks)
            if isinstance(gap, str):
                return gap
            best = gap if best is None else min(best, gap)
            if best <= options.limit:
                break
        return best

    names = options.names or list(OPERATIONS)
    pool = concurrent.futures.ThreadPoolExecutor(options.jobs)
    for name, best in zip(names, pool.map(best_of_three, names)):
        good = isinstance(best, float) and best <= options.limit
        passed, failed = passed + good, failed + (not good)
        if isinstance(best, str):
            print(f"{name:20} {best}", flush=True)
            continue
        worst = max(worst, best)
        if best > options.limit / 2 or options.names:
            print(f"{name:20} {best:9.2f} ms{'' if good else '  TOO LONG'}", flush=True)
    print(f"safepoint: the longest stretch was {worst:.2f} ms")
    print(f"{passed} passed, {failed} failed")
    return failed > 0


if __name__ == "__main__":
    sys.exit(main())
