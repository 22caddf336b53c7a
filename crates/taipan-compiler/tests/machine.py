"""A slow machine for the compiler's code, in Python on CPython: what each opcode means, and a way to run CPython's
own tests on the compiler's output before (or beside) the real interpreter.

Usage: python3.13 machine.py EXPORT_BINARY FILE.py [unittest arguments]   runs the file as a unittest module
       python3.13 machine.py EXPORT_BINARY --run FILE.py                  runs it as __main__
"""
import builtins, operator, struct, subprocess, sys, types, ast as _ast

EMPTY = type('Empty', (), {'__repr__': lambda s: '<empty>'})()
BIN = {'ADD': operator.add, 'SUB': operator.sub, 'MUL': operator.mul, 'MATMUL': operator.matmul, 'TRUEDIV': operator.truediv,
       'FLOORDIV': operator.floordiv, 'MOD': operator.mod, 'POW': operator.pow, 'LSHIFT': operator.lshift, 'RSHIFT': operator.rshift,
       'OR': operator.or_, 'XOR': operator.xor, 'AND': operator.and_,
       'IADD': operator.iadd, 'ISUB': operator.isub, 'IMUL': operator.imul, 'IMATMUL': operator.imatmul, 'ITRUEDIV': operator.itruediv,
       'IFLOORDIV': operator.ifloordiv, 'IMOD': operator.imod, 'IPOW': operator.ipow, 'ILSHIFT': operator.ilshift,
       'IRSHIFT': operator.irshift, 'IOR': operator.ior, 'IXOR': operator.ixor, 'IAND': operator.iand,
       'LT': operator.lt, 'LE': operator.le, 'EQ': operator.eq, 'NE': operator.ne, 'GT': operator.gt, 'GE': operator.ge,
       'IS': operator.is_, 'IS_NOT': operator.is_not, 'IN': lambda a, b: a in b, 'NOT_IN': lambda a, b: a not in b,
       'GETITEM': operator.getitem}
IMM = {'ADDI': 'ADD', 'SUBI': 'SUB', 'MULI': 'MUL', 'FLOORDIVI': 'FLOORDIV', 'MODI': 'MOD', 'ANDI': 'AND', 'LSHIFTI': 'LSHIFT',
       'RSHIFTI': 'RSHIFT', 'POWI': 'POW', 'IADDI': 'IADD', 'ISUBI': 'ISUB', 'GETITEMI': 'GETITEM'}
RIMM = {'RADDI': operator.add, 'RSUBI': operator.sub, 'RMULI': operator.mul}
UN = {'NEG': operator.neg, 'POS': operator.pos, 'INVERT': operator.invert, 'NOT': operator.not_}
CMPJ = {}
for _n, _f in [('LT', operator.lt), ('LE', operator.le), ('EQ', operator.eq), ('NE', operator.ne), ('GT', operator.gt), ('GE', operator.ge)]:
    CMPJ['J' + _n] = (_f, False, False)
    CMPJ['JN' + _n] = (_f, True, False)
    CMPJ['J' + _n + 'I'] = (_f, False, True)
    CMPJ['JN' + _n + 'I'] = (_f, True, True)
    CMPJ['LOOP_' + _n] = (_f, False, False)
    CMPJ['LOOP_' + _n + 'I'] = (_f, False, True)
CMPJ['JIS'] = (operator.is_, False, False)
CMPJ['JNIS'] = (operator.is_, True, False)
CMPJ['JIN'] = (lambda a, b: a in b, False, False)
CMPJ['JNIN'] = (lambda a, b: a in b, True, False)


class Code:
    def __init__(self, d):
        self.__dict__.update(d)
        self.locals = [bytes.fromhex(h).decode() for h in self.locals]
        self.names = [bytes.fromhex(h).decode() for h in self.names]
        self.consts = [const(c) for c in self.consts]


def const(c):
    t = c[0]
    if t in ('none', 'true', 'false', 'ellipsis'):
        return {'none': None, 'true': True, 'false': False, 'ellipsis': ...}[t]
    if t == 'int': return c[1]
    if t == 'big': return int(c[1], 16)
    if t == 'float': return struct.unpack('d', struct.pack('Q', c[1]))[0]
    if t == 'complex': return complex(*struct.unpack('dd', struct.pack('QQ', c[1], c[2])))
    if t == 'str': return bytes.fromhex(c[1]).decode('utf-8', 'surrogatepass')
    if t == 'bytes': return bytes.fromhex(c[1])
    if t == 'tuple': return tuple(map(const, c[1]))
    if t == 'frozenset': return frozenset(map(const, c[1]))
    if t == 'code': return Code(c[1])


def load(export, path):
    out = subprocess.run([export, path], capture_output=True, text=True)
    if out.returncode: raise SyntaxError(out.stderr)
    return const(_ast.literal_eval(out.stdout.replace("'code',dict(", "'code',{'").replace('),', '),')) if False else eval(out.stdout, {'dict': dict, '__builtins__': {}}))


class Frame:
    def __init__(self, code, glob, ns, closure):
        self.code, self.glob, self.ns, self.closure = code, glob, ns, closure
        self.r = [EMPTY] * (code.nregs + 8)
        if code.base: self.r[0] = ns
        self.handled = None


def bind(code, fn, args, kwargs):
    """Arguments to registers, by building a real function with the signature."""
    if fn.binder is None:
        names = code.locals
        n, pos, kw = code.argcount, code.posonly, code.kwonly
        parts = []
        defaults = fn.defaults or ()
        env = {}
        safe = ['a%d' % i if names[i].startswith('.') else names[i] for i in range(n + kw)]
        for i in range(n):
            p = safe[i]
            j = i - (n - len(defaults))
            if j >= 0:
                env['d%d_' % j] = defaults[j]
                p += '=d%d_' % j
            parts.append(p)
            if i + 1 == pos: parts.append('/')
        k = n + kw
        star = dstar = None
        if code.flags & 4:
            star = names[k]; k += 1
            parts.append('*' + star)
        elif kw: parts.append('*')
        for i in range(n, n + kw):
            p = safe[i]
            if fn.kwdefaults and names[i] in fn.kwdefaults:
                env['k%d_' % i] = fn.kwdefaults[names[i]]
                p += '=k%d_' % i
            parts.append(p)
        if code.flags & 8:
            dstar = names[k]
            parts.append('**' + dstar)
        order = safe + [x for x in (star, dstar) if x]
        src = 'def f(%s): return (%s)' % (', '.join(parts), ''.join(o + ',' for o in order))
        exec(compile(src, '<bind>', 'exec', dont_inherit=True), env)
        b = env['f']
        b.__name__ = code.name
        b.__qualname__ = code.qualname
        fn.binder = b
    return fn.binder(*args, **kwargs)


class Fn:
    def __init__(self, code, glob):
        self.code, self.glob = code, glob
        self.defaults = self.kwdefaults = self.binder = None
        self.closure = ()
        self.annotations = {}


def make_function(code, glob):
    state = Fn(code, glob)
    def wrapper(*args, **kwargs):
        f = Frame(code, glob, None, state.closure)
        vals = bind(code, state, args, kwargs)
        f.r[:len(vals)] = vals
        return start(f)
    wrapper.__name__ = code.name
    wrapper.__qualname__ = code.qualname
    wrapper.__module__ = glob.get('__name__')
    doc = code.consts[0] if code.consts and isinstance(code.consts[0], str) else None
    wrapper.__doc__ = doc
    wrapper.machine_state = state
    return wrapper


def start(f):
    fl = f.code.flags
    if fl & 0x20:
        g = run(f)
        def gen():
            return (yield from g)
        g2 = gen()
        g2.__name__, g2.__qualname__ = f.code.name, f.code.qualname
        return g2
    if fl & 0x80:
        g = run(f)
        @types.coroutine
        def co():
            return (yield from g)
        return as_coroutine(co())
    if fl & 0x200:
        return AsyncGen(run(f))
    try:
        next(run(f))
    except StopIteration as e:
        return e.value
    raise RuntimeError('yield outside generator')


async def as_coroutine(g):
    return await g


class Wrapped:
    def __init__(self, v): self.v = v


class AsyncGen:
    def __init__(self, g): self.g = g; self.done = False
    def __aiter__(self): return self
    def __anext__(self): return self.asend(None)
    def asend(self, v): return self._step(lambda: self.g.send(v))
    def athrow(self, e, *a): return self._step(lambda: self.g.throw(e, *a))
    async def aclose(self):
        try: await self.athrow(GeneratorExit())
        except (GeneratorExit, StopAsyncIteration): pass
    async def _step(self, first):
        @types.coroutine
        def drive():
            step = first
            while True:
                try: x = step()
                except StopIteration: raise StopAsyncIteration from None
                if isinstance(x, Wrapped): return x.v
                try:
                    s = yield x
                    step = lambda s=s: self.g.send(s)
                except BaseException as e:
                    step = lambda e=e: self.g.throw(e)
        return await drive()


def build_class(fn, name, *bases, **kw):
    obases = bases
    bases = types.resolve_bases(bases)
    meta, ns, kw = types.prepare_class(name, bases, kw)
    if obases is not bases and '__orig_bases__' not in ns: ns['__orig_bases__'] = obases
    st = fn.machine_state
    f = Frame(st.code, st.glob, ns, st.closure)
    cell = start(f)
    ns.pop('__classdictcell__', None)
    ns.pop('__classcell__', None)
    if isinstance(cell, types.CellType):
        cls = FIXCELL(meta, name, bases, ns, kw, cell)
    else:
        cls = meta(name, bases, ns, **kw)
    return cls


def FIXCELL(meta, name, bases, ns, kw, cell):
    cls = meta(name, bases, dict(ns) if type(ns) is dict else ns, **kw)
    if isinstance(cls, type) or True:
        cell.cell_contents = cls
    return cls


def cell_get(c, name, free):
    try: return c.cell_contents
    except ValueError:
        if free: raise NameError(f"cannot access free variable '{name}' where it is not associated with a value in enclosing scope") from None
        raise UnboundLocalError(f"cannot access local variable '{name}' where it is not associated with a value") from None


def name_of(f, reg):
    i = reg - f.code.base
    return f.code.locals[i], bool(f.code.kinds[i] & 0x80)


def glob_get(f, name):
    g = f.glob
    if name in g: return g[name]
    b = g.get('__builtins__', builtins)
    d = b if isinstance(b, dict) else b.__dict__
    if name in d: return d[name]
    raise NameError(f"name '{name}' is not defined", name=name)


def match_class(subject, cls, names, n):
    if not isinstance(cls, type): raise TypeError('called match pattern must be a class')
    if not isinstance(subject, cls): return None
    seen, vals = set(), []
    if n:
        args = getattr(cls, '__match_args__', None)
        if args is None:
            if any(issubclass(cls, t) for t in (bool, bytearray, bytes, dict, float, frozenset, int, list, set, str, tuple)):
                if n > 1: raise TypeError(f'{cls.__name__}() accepts 1 positional sub-pattern ({n} given)')
                vals.append(subject)
                args = ()
                n = 0
            else:
                args = ()
        if not isinstance(args, tuple): raise TypeError(f'{cls.__name__}.__match_args__ must be a tuple (got {type(args).__name__})')
        if n > len(args): raise TypeError(f'{cls.__name__}() accepts {len(args)} positional sub-pattern{"" if len(args) == 1 else "s"} ({n} given)')
        for a in args[:n]:
            if not isinstance(a, str): raise TypeError(f'__match_args__ elements must be strings (got {type(a).__name__})')
            if a in seen: raise TypeError(f'{cls.__name__}() got multiple sub-patterns for attribute {a!r}')
            seen.add(a)
            try: vals.append(getattr(subject, a))
            except AttributeError: return None
    for a in names:
        if a in seen: raise TypeError(f'{cls.__name__}() got multiple sub-patterns for attribute {a!r}')
        seen.add(a)
        try: vals.append(getattr(subject, a))
        except AttributeError: return None
    return tuple(vals)


def unpack(v, n):
    if not hasattr(type(v), '__iter__') and not hasattr(type(v), '__getitem__'):
        raise TypeError(f'cannot unpack non-iterable {type(v).__name__} object')
    it = iter(v)
    out = []
    for i in range(n):
        try: out.append(next(it))
        except StopIteration: raise ValueError(f'not enough values to unpack (expected {n}, got {i})') from None
    try: next(it)
    except StopIteration: return out
    raise ValueError(f'too many values to unpack (expected {n})')


def is_seq(x): 
    match x:
        case [*_]: return True
    return False


def is_map(x):
    match x:
        case {}: return True
    return False


def with_special(m, name, other, what):
    t = type(m)
    try: enter = getattr(t, name)
    except AttributeError:
        raise TypeError(f"'{t.__name__}' object does not support the {what} protocol") from None
    try: ex = getattr(t, other)
    except AttributeError:
        raise TypeError(f"'{t.__name__}' object does not support the {what} protocol (missed {other} method)") from None
    return enter.__get__(m, t) if hasattr(enter, '__get__') else enter, ex.__get__(m, t) if hasattr(ex, '__get__') else ex


def is_match(e, t):
    try:
        raise e
    except t:
        return True
    except BaseException as x:
        if x is e: return False
        raise


def run(f):
    """A generator: yields what the code yields, returns its value."""
    code, r = f.code, f.r
    ins, K = code.ins, code.consts
    cname = lambda ext: code.names[code.caches[ext]]
    pc = 0
    lost = None
    while True:
        try:
            while True:
                op, a, b, c, x, nxt, to = ins[pc]
                cur = pc
                pc = nxt
                if op in BIN:
                    r[a] = BIN[op](r[b], r[c])
                elif op in IMM:
                    r[a] = BIN[IMM[op]](r[b], c)
                elif op in RIMM:
                    r[a] = RIMM[op](c, r[b])
                elif op in UN:
                    r[a] = UN[op](r[b])
                elif op in CMPJ:
                    fn, neg, imm = CMPJ[op]
                    if bool(fn(r[a], b if imm else r[b])) != neg: pc = to
                elif op in ('NOP', 'RESUME', 'RETURN_GENERATOR'): pass
                elif op in ('JUMP', 'JUMP_BACK'): pc = to
                elif op in ('JUMP_IF_TRUE', 'LOOP_IF_TRUE'):
                    if r[a]: pc = to
                elif op in ('JUMP_IF_FALSE', 'LOOP_IF_FALSE'):
                    if not r[a]: pc = to
                elif op == 'JUMP_IF_NONE':
                    if r[a] is None: pc = to
                elif op == 'JUMP_IF_NOT_NONE':
                    if r[a] is not None: pc = to
                elif op == 'RETURN':
                    assert r[a] is not EMPTY, (code.qualname, cur)
                    return r[a]
                elif op == 'RETURN_NONE': return None
                elif op == 'MOVE': r[a] = r[b]
                elif op == 'LOAD_CONST': r[a] = K[b]
                elif op == 'LOAD_CONST_W': r[a] = K[x]
                elif op == 'LOAD_INT': r[a] = b
                elif op == 'LOAD_NONE': r[a] = None
                elif op == 'LOAD_TRUE': r[a] = True
                elif op == 'LOAD_FALSE': r[a] = False
                elif op == 'LOAD_EMPTY': r[a] = EMPTY
                elif op in ('CHECK_LOCAL', 'DELETE_FAST'):
                    if r[a] is EMPTY:
                        raise UnboundLocalError(f"cannot access local variable '{name_of(f, a)[0]}' where it is not associated with a value")
                    if op == 'DELETE_FAST': r[a] = EMPTY
                elif op == 'LOAD_NAME':
                    n = cname(x)
                    try: r[a] = r[0][n]
                    except KeyError: r[a] = glob_get(f, n)
                elif op == 'STORE_NAME': r[0][cname(x)] = r[a]
                elif op == 'DELETE_NAME':
                    try: del r[0][code.names[x]]
                    except KeyError: raise NameError(f"name '{code.names[x]}' is not defined") from None
                elif op == 'LOAD_GLOBAL': r[a] = glob_get(f, cname(x))
                elif op == 'STORE_GLOBAL': f.glob[cname(x)] = r[a]
                elif op == 'DELETE_GLOBAL':
                    try: del f.glob[code.names[x]]
                    except KeyError: raise NameError(f"name '{code.names[x]}' is not defined") from None
                elif op == 'MAKE_CELL': r[a] = types.CellType() if r[a] is EMPTY else types.CellType(r[a])
                elif op == 'COPY_FREE_VARS': r[b:b + a] = f.closure
                elif op == 'LOAD_DEREF': r[a] = cell_get(r[b], *name_of(f, b))
                elif op == 'STORE_DEREF': r[a].cell_contents = r[b]
                elif op == 'DELETE_DEREF':
                    cell_get(r[a], *name_of(f, a))
                    del r[a].cell_contents
                elif op == 'LOAD_FROM_DICT_OR_DEREF':
                    n, free = name_of(f, c)
                    try: r[a] = r[b][n]
                    except KeyError: r[a] = cell_get(r[c], n, free)
                elif op == 'LOAD_FROM_DICT_OR_GLOBALS':
                    n = code.names[x]
                    try: r[a] = r[b][n]
                    except KeyError: r[a] = glob_get(f, n)
                elif op == 'LOAD_BUILD_CLASS': r[a] = build_class
                elif op == 'LOAD_ASSERTION_ERROR': r[a] = AssertionError
                elif op == 'SETUP_ANNOTATIONS':
                    if '__annotations__' not in r[0]: r[0]['__annotations__'] = {}
                elif op == 'LOAD_ATTR': r[a] = getattr(r[b], cname(x))
                elif op == 'STORE_ATTR': setattr(r[a], cname(x), r[b])
                elif op == 'DELETE_ATTR': delattr(r[a], code.names[x])
                elif op == 'LOAD_METHOD':
                    r[a + 3] = getattr(r[b], cname(x))
                    r[a + 4] = EMPTY
                elif op in ('LOAD_SUPER_ATTR', 'LOAD_SUPER_METHOD'):
                    v = getattr(r[b](r[b + 1], r[b + 2]), cname(x))
                    if op == 'LOAD_SUPER_ATTR': r[a] = v
                    else:
                        r[a + 3] = v
                        r[a + 4] = EMPTY
                elif op == 'SETITEM': r[a][r[b]] = r[c]
                elif op == 'SETITEMI': r[a][b] = r[c]
                elif op == 'DELITEM': del r[a][r[b]]
                elif op == 'BUILD_SLICE': r[a] = slice(*r[b:b + c])
                elif op == 'GETSLICE': r[a] = r[b][r[c]:r[c + 1]]
                elif op == 'SETSLICE': r[a][r[b]:r[b + 1]] = r[c]
                elif op in ('GET_ITER', 'GET_YIELD_FROM_ITER'): r[a] = iter(r[b])
                elif op == 'FOR_NEXT':
                    try: v = next(r[b])
                    except StopIteration: pass
                    else: r[a] = v; pc = to
                elif op == 'GET_AITER': r[a] = aiter(r[b])
                elif op == 'GET_ANEXT': r[a] = type(r[b]).__anext__(r[b]).__await__()
                elif op == 'END_ASYNC_FOR':
                    if not isinstance(r[a], StopAsyncIteration): raise r[a]
                elif op == 'UNPACK_SEQUENCE': r[a:a + c] = unpack(r[b], c)
                elif op == 'UNPACK2': r[a], r[b] = unpack(r[c], 2)
                elif op == 'UNPACK_EX':
                    v = list(r[b]) if hasattr(type(r[b]), '__iter__') or hasattr(type(r[b]), '__getitem__') else unpack(r[b], 0)
                    if len(v) < c + x:
                        raise ValueError(f'not enough values to unpack (expected at least {c + x}, got {len(v)})')
                    r[a:a + c + 1 + x] = v[:c] + [v[c:len(v) - x]] + (v[len(v) - x:] if x else [])
                elif op == 'YIELD_VALUE' or op == 'YIELD_DELEGATE':
                    try: v = yield r[b]
                    except GeneratorExit as e:
                        if op == 'YIELD_DELEGATE':
                            it = r[c]
                            if hasattr(it, 'close'): it.close()
                        raise
                    except BaseException as e:
                        if op == 'YIELD_DELEGATE' and hasattr(r[c], 'throw'):
                            r[a] = r[c].throw(e)
                            pc = cur
                            ins_saved = None
                            # what throw() yielded is yielded on
                            r[b] = r[a]
                            continue
                        raise
                    r[a] = v
                elif op == 'SEND':
                    try: r[a] = next(r[b]) if r[c] is None else r[b].send(r[c])
                    except StopIteration as e:
                        r[a] = e.value
                        pc = to
                elif op == 'CLEANUP_THROW':
                    if isinstance(r[b], StopIteration): r[a] = r[b].value
                    else: raise r[b]
                elif op == 'GET_AWAITABLE': r[a] = r[b].__await__() if not isinstance(r[b], types.GeneratorType) else r[b]
                elif op == 'ASYNC_GEN_WRAP': r[a] = Wrapped(r[b])
                elif op in ('CALL', 'CALL_KW', 'CALL_METHOD', 'CALL_METHOD_KW'):
                    first = b + 5 if 'METHOD' in op else b + 4
                    args = r[first:first + c]
                    if 'METHOD' in op and r[b + 4] is not EMPTY: args.insert(0, r[b + 4])
                    assert EMPTY not in [v for v in args if v is EMPTY], (code.qualname, cur)
                    fn = r[b + 3]
                    kw = {}
                    if op.endswith('KW'):
                        kn = K[x]
                        kw = dict(zip(kn, args[len(args) - len(kn):]))
                        args = args[:len(args) - len(kn)]
                    r[b:b + 4] = [EMPTY] * 4
                    for i in range(b, len(r)): r[i] = EMPTY
                    r[a] = call(f, fn, args, kw)
                elif op == 'CALL_EX':
                    fn, args, kw = r[b + 3], r[b + 4], r[b + 5] if c & 1 else {}
                    for i in range(b, len(r)): r[i] = EMPTY
                    r[a] = call(f, fn, args, kw)
                elif op == 'CALL_INTRINSIC_1':
                    v = r[b]
                    if c == 1: sys.displayhook(v)
                    elif c == 2:
                        d = v.__dict__
                        for k in d.get('__all__', [k for k in d if not k.startswith('_')]): r[0][k] = getattr(v, k)
                    elif c == 3:
                        if isinstance(v, StopIteration):
                            e = RuntimeError('generator raised StopIteration')
                            e.__cause__ = e.__context__ = v
                            r[a] = e
                        elif isinstance(v, StopAsyncIteration) and code.flags & 0x200:
                            e = RuntimeError('async generator raised StopAsyncIteration')
                            e.__cause__ = e.__context__ = v
                            r[a] = e
                        else: r[a] = v
                    elif c == 7: r[a] = typing.TypeVar(v, infer_variance=True)
                    elif c == 8: r[a] = typing.ParamSpec(v, infer_variance=True)
                    elif c == 9: r[a] = typing.TypeVarTuple(v)
                    elif c == 10: r[a] = typing.Generic[*[typing.Unpack[p] if isinstance(p, typing.TypeVarTuple) else p for p in v]]
                    elif c == 11: r[a] = typing.TypeAliasType(v[0], v[2](), type_params=v[1] or ())
                    else: raise NotImplementedError(c)
                elif op == 'CALL_INTRINSIC_2':
                    v, w = r[b], r[b + 1]
                    if c == 2: r[a] = typing.TypeVar(v, bound=w(), infer_variance=True)
                    elif c == 3: r[a] = typing.TypeVar(v, *w(), infer_variance=True)
                    elif c == 4:
                        v.__type_params__ = w
                        r[a] = v
                    elif c == 5: r[a] = type(v)(v.__name__, default=w())
                    else: raise NotImplementedError(c)
                elif op == 'MAKE_FUNCTION': r[a] = make_function(K[x], f.glob)
                elif op == 'SET_FUNCTION_ATTRIBUTE':
                    fn, st, v = r[a], r[a].machine_state, r[b]
                    if c == 1: st.defaults = fn.__defaults__ = v
                    elif c == 2: st.kwdefaults = fn.__kwdefaults__ = v
                    elif c == 4: fn.__annotations__ = dict(zip(v[::2], v[1::2]))
                    elif c == 8: st.closure = v
                elif op == 'BUILD_TUPLE': r[a] = tuple(r[b:b + c])
                elif op == 'BUILD_LIST': r[a] = r[b:b + c]
                elif op == 'BUILD_SET':
                    s = set()
                    for v in r[b:b + c]: s.add(v)
                    r[a] = s
                elif op == 'BUILD_MAP': r[a] = {r[b + 2 * i]: r[b + 2 * i + 1] for i in range(c)}
                elif op == 'BUILD_STRING': r[a] = ''.join(r[b:b + c])
                elif op == 'LIST_APPEND': r[a].append(r[b])
                elif op == 'SET_ADD': r[a].add(r[b])
                elif op == 'MAP_ADD': r[a][r[b]] = r[c]
                elif op == 'LIST_EXTEND':
                    if not hasattr(type(r[b]), '__iter__') and not hasattr(type(r[b]), '__getitem__'):
                        raise TypeError(f'Value after * must be an iterable, not {type(r[b]).__name__}')
                    r[a].extend(r[b])
                elif op == 'SET_UPDATE': r[a].update(r[b])
                elif op == 'DICT_UPDATE':
                    if not hasattr(r[b], 'keys'): raise TypeError(f"'{type(r[b]).__name__}' object is not a mapping")
                    r[a].update(r[b])
                elif op == 'DICT_MERGE':
                    fname = call_name(r[c])
                    if not hasattr(r[b], 'keys'):
                        raise TypeError(f"{fname} argument after ** must be a mapping, not {type(r[b]).__name__}")
                    for k in r[b].keys():
                        if not isinstance(k, str): raise TypeError('keywords must be strings')
                        if k in r[a]: raise TypeError(f"{fname} got multiple values for keyword argument '{k}'")
                        r[a][k] = r[b][k]
                elif op == 'LIST_TO_TUPLE': r[a] = tuple(r[b])
                elif op == 'FORMAT_SIMPLE': r[a] = format(r[b], '')
                elif op == 'FORMAT_WITH_SPEC': r[a] = format(r[b], r[c])
                elif op == 'CONVERT_VALUE': r[a] = (None, str, repr, ascii)[c](r[b])
                elif op == 'IMPORT_NAME': r[a] = f.glob.get('__builtins__', builtins) and builtins.__import__(code.names[x], f.glob, f.ns, r[b + 1], r[b])
                elif op == 'IMPORT_FROM':
                    n = code.names[x]
                    try: r[a] = getattr(r[b], n)
                    except AttributeError:
                        full = f"{getattr(r[b], '__name__', '?')}.{n}"
                        if full in sys.modules: r[a] = sys.modules[full]
                        else: raise ImportError(f"cannot import name '{n}' from '{getattr(r[b], '__name__', '?')}' ({getattr(r[b], '__file__', 'unknown location')})", name=getattr(r[b], '__name__', None)) from None
                elif op == 'PUSH_EXC':
                    r[a] = f.handled
                    f.handled = r[b]
                elif op == 'POP_EXC': f.handled = r[a]
                elif op == 'RERAISE': raise Again(r[a])
                elif op == 'RAISE_BARE':
                    e = current(f)
                    if e is None: raise RuntimeError('No active exception to reraise')
                    raise e
                elif op == 'RAISE':
                    do_raise(f, r[a], False, None)
                elif op == 'RAISE_FROM': do_raise(f, r[a], True, r[b])
                elif op == 'CHECK_EXC_MATCH':
                    check_types(r[c])
                    r[a] = is_match(r[b], r[c])
                elif op == 'CHECK_EG_MATCH':
                    check_types(r[c], True)
                    m, rest = eg_match(r[b], r[c])
                    r[a], r[a + 1] = m, rest
                    if m is not None: f.handled = m
                elif op == 'PREP_RERAISE_STAR': r[a] = prep_reraise(r[b], r[c])
                elif op in ('BEFORE_WITH', 'BEFORE_ASYNC_WITH'):
                    n = ('__enter__', '__exit__', 'context manager') if op == 'BEFORE_WITH' else ('__aenter__', '__aexit__', 'asynchronous context manager')
                    enter, ex = with_special(r[b], *n)
                    r[a + 3], r[a + 4], r[c] = enter, EMPTY, ex
                elif op == 'WITH_EXCEPT_START':
                    e = r[c]
                    r[a + 3:a + 7] = [r[b], type(e), e, e.__traceback__]
                elif op == 'MATCH_SEQUENCE': r[a] = is_seq(r[b])
                elif op == 'MATCH_MAPPING': r[a] = is_map(r[b])
                elif op == 'MATCH_KEYS':
                    keys, s, vals = r[c], r[b], []
                    if len(set(keys)) != len(keys):
                        d = [k for i, k in enumerate(keys) if k in keys[:i]][0]
                        raise ValueError(f'mapping pattern checks duplicate key ({d!r})')
                    dummy = object()
                    for k in keys:
                        v = s.get(k, dummy)
                        if v is dummy: vals = None; break
                        vals.append(v)
                    r[a] = None if vals is None else tuple(vals)
                elif op == 'MATCH_CLASS': r[a] = match_class(r[b], r[b + 1], r[b + 2], c)
                elif op == 'GET_LEN': r[a] = len(r[b])
                else: raise SystemError('machine lacks ' + op)
        except BaseException as e:
            if isinstance(e, Again): e = e.exc
            elif f.handled is not None and e.__context__ is None and e is not f.handled: e.__context__ = f.handled
            for s, t, h, reg, lasti in code.table:
                if s <= cur < t:
                    r[reg] = e
                    if lasti: r[reg + 1] = cur
                    pc = h
                    break
            else:
                lost = e
        if lost is not None:
            keep = lost.__context__
            try:
                raise lost
            finally:
                lost.__context__ = keep


class Again(BaseException):
    def __init__(self, exc): self.exc = exc


def current(f): return f.handled if f.handled is not None else sys.exception()


def do_raise(f, exc, has_cause, cause):
    if isinstance(exc, type) and issubclass(exc, BaseException):
        e = exc()
        if not isinstance(e, BaseException): raise TypeError(f'calling {exc!r} should have returned an instance of BaseException, not {type(e)!r}')
    elif isinstance(exc, BaseException): e = exc
    else: raise TypeError('exceptions must derive from BaseException')
    if has_cause:
        if isinstance(cause, type) and issubclass(cause, BaseException):
            cause = cause()
            if not isinstance(cause, BaseException): raise TypeError('exception causes')
        elif cause is not None and not isinstance(cause, BaseException): raise TypeError('exception causes must derive from BaseException')
        e.__cause__ = cause
    raise e


def check_types(t, group=False):
    for x in t if isinstance(t, tuple) else (t,):
        if not (isinstance(x, type) and issubclass(x, BaseException)):
            raise TypeError('catching classes that do not inherit from BaseException is not allowed')
        if group and issubclass(x, BaseExceptionGroup):
            raise TypeError('catching ExceptionGroup with except* is not allowed. Use except instead.')


def eg_match(e, t):
    if e is None: return None, None
    if is_match(e, t):
        return (e if isinstance(e, BaseExceptionGroup) else ExceptionGroup('', [e]) if isinstance(e, Exception) else BaseExceptionGroup('', [e])), None
    if isinstance(e, BaseExceptionGroup):
        p = e.split(t)
        if not isinstance(p, tuple): raise TypeError(f'{type(e).__name__}.split must return a tuple, not {type(p).__name__}')
        if len(p) < 2: raise TypeError(f'{type(e).__name__}.split must return a 2-tuple, got tuple of size {len(p)}')
        return p[0], p[1]
    return None, e


def prep_reraise(orig, excs):
    excs = [e for e in excs if e is not None]
    if not excs: return None
    if not isinstance(orig, BaseExceptionGroup): return excs[0]
    raised, reraised = [], []
    def same(e): return isinstance(e, BaseExceptionGroup) and (e.__notes__ if hasattr(e, '__notes__') else None) == getattr(orig, '__notes__', None) and e.__traceback__ is orig.__traceback__ and e.__cause__ is orig.__cause__ and e.__context__ is orig.__context__
    for e in excs: (reraised if same(e) else raised).append(e)
    def leaves(e, out):
        if isinstance(e, BaseExceptionGroup):
            for x in e.exceptions: leaves(x, out)
        else: out.add(id(e))
        return out
    keep = set()
    for e in reraised: leaves(e, keep)
    proj = orig.split(lambda e: id(e) in keep)[0] if keep else None
    if not raised: return proj
    if proj is not None: raised.append(proj)
    return BaseExceptionGroup('', raised)


def call_name(fn):
    q = getattr(fn, '__qualname__', None)
    if q is None: return f'{type(fn).__name__} object'
    m = getattr(fn, '__module__', None)
    return (f'{m}.{q}()' if m not in (None, 'builtins') else f'{q}()')


def snapshot(f):
    d = {}
    for i, n in enumerate(f.code.locals):
        v = f.r[i + f.code.base]
        if f.code.kinds[i] & 0x10 and not f.code.flags & 1 and v is EMPTY: continue
        if isinstance(v, types.CellType) and f.code.kinds[i] & 0xc0:
            try: v = v.cell_contents
            except ValueError: continue
        if v is not EMPTY: d[n] = v
    return d


def call(f, fn, args, kw):
    if fn is builtins.locals: return f.ns if f.code.base else snapshot(f)
    if fn is builtins.globals: return f.glob
    if fn is builtins.vars and not args: return f.ns if f.code.base else snapshot(f)
    if fn is builtins.dir and not args: return sorted(f.ns if f.code.base else snapshot(f))
    if fn in (builtins.exec, builtins.eval) if isinstance(fn, types.BuiltinFunctionType) else False:
        if len(args) == 1 and not kw: return fn(args[0], f.glob, f.ns if f.code.base else snapshot(f))
        return fn(*args, **kw)
    if fn is super and not args:
        names = f.code.locals
        cls = cell_get(f.r[names.index('__class__') + f.code.base], '__class__', True)
        me = f.r[f.code.base]
        if isinstance(me, types.CellType) and f.code.kinds[0] & 0x40: me = me.cell_contents
        return super(cls, me)
    if fn is sys.exc_info and f.handled is not None: return type(f.handled), f.handled, f.handled.__traceback__
    if fn is sys.exception and f.handled is not None: return f.handled
    if isinstance(args, (list, tuple)): return fn(*args, **kw)
    try: it = iter(args)
    except TypeError: raise TypeError(f'{call_name(fn)} argument after * must be an iterable, not {type(args).__name__}') from None
    return fn(*it, **kw)


import typing
if __name__ == '__main__':
    sys.setrecursionlimit(20000)
    export, args = sys.argv[1], sys.argv[2:]
    as_main = args[0] == '--run'
    if as_main: args = args[1:]
    path = args[0]
    code = load(export, path)
    name = '__main__' if as_main else 'test.' + path.rsplit('/', 1)[-1][:-3]
    mod = types.ModuleType(name)
    mod.__file__ = path
    mod.__builtins__ = builtins
    if not as_main:
        mod.__package__ = 'test'
        sys.modules[name] = mod
    else:
        sys.modules['__main__'] = mod
    start(Frame(code, mod.__dict__, mod.__dict__, ()))
    if not as_main:
        import unittest
        unittest.main(module=mod, argv=['x'] + args[1:])
