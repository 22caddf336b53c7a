"""Disassembler of Taipan's code, with the interface of CPython's `dis`.

The instructions are 32-bit words for a register machine, and one may have a prefix and an extension word, so CPython's
decoder cannot read them. Here the interpreter's own table (`_opcode._rows`) says what each operand is. An Instruction
has one row for prefix, word and extension:

- `arg` is the operand that the instruction is about: the index of a name or constant, a jump's distance in words, else
  the first operand; `argval` is what it stands for, and `argrepr` shows all operands;
- an extension word that numbers an inline cache is shown as a cache entry (`show_caches`);
- the forms of attribute instructions for methods show as LOAD_ATTR and LOAD_SUPER_ATTR unless `adaptive` is true.

docs/internals/opcodes.md describes the instructions.
"""

import collections
import io
import sys
import types

import _opcode
from opcode import *
from opcode import (
    __all__ as _opcodes_all, _cache_format, _inline_cache_entries, _intrinsic_1_descs, _intrinsic_2_descs, _nb_ops,
    _specializations, _specialized_opmap)

__all__ = ["code_info", "dis", "disassemble", "distb", "disco", "findlinestarts", "findlabels", "show_code",
           "get_instructions", "Instruction", "Bytecode"] + _opcodes_all
del _opcodes_all

COMPILER_FLAG_NAMES = {
    1: "OPTIMIZED", 2: "NEWLOCALS", 4: "VARARGS", 8: "VARKEYWORDS", 16: "NESTED", 32: "GENERATOR", 64: "NOFREE",
    128: "COROUTINE", 256: "ITERABLE_COROUTINE", 512: "ASYNC_GENERATOR"}

FUNCTION_ATTR_FLAGS = ('defaults', 'kwdefaults', 'annotations', 'closure')

_WORD = 4
_PREFIX = opmap['EXTENDED_ARG']
_ROWS = _opcode._rows()

_all_opname = list(opname)
_all_opmap = dict(opmap)
for _name, _number in _specialized_opmap.items():
    _all_opname[_number] = _name
    _all_opmap[_name] = _number

deoptmap = {special: base for base, family in _specializations.items() for special in family}

# How many registers from the one named an operand stands for; -1: as many as operand c says, -2: twice as many.
_RUNS = {'srcrun2': 2, 'dstrun2': 2, 'srcrun3': 3, 'srcrun_c': -1, 'dstrun_c': -1, 'srcrun_2c': -2}
# Where in a call area the first register of interest is.
_AREAS = {'method': 3, 'exitarea': 3, 'callarea': 3, 'methodarea': 3, 'exarea': 3}
_NOT_REGISTERS = {'imm', 'simm', 'count', 'i16', 'k16', 'j24'}
_NOT_WIDENED = {'none', 'imm', 'simm', 'i16', 'k16', 'j24'}


class _Unknown:
    def __repr__(self):
        return "<unknown>"


# Stands for a value that cannot be known without the code object.
UNKNOWN = _Unknown()

Positions = collections.namedtuple('Positions', 'lineno end_lineno col_offset end_col_offset', defaults=[None] * 4)

_Instruction = collections.namedtuple(
    '_Instruction',
    'opname opcode arg argval argrepr offset start_offset starts_line line_number label positions cache_info',
    defaults=[None, None, None])

_ExceptionTableEntryBase = collections.namedtuple('_ExceptionTableEntryBase', 'start end target depth lasti')


class _ExceptionTableEntry(_ExceptionTableEntryBase):
    pass


# One instruction as it lies in the code: byte offsets of its prefix and of its word, and the one after it.
_Raw = collections.namedtuple('_Raw', 'start offset end op operands ext')


def _deoptop(op):
    name = _all_opname[op]
    return _all_opmap[deoptmap[name]] if name in deoptmap else op


class Instruction(_Instruction):
    """One instruction: its name and number, operands, place in the code, position in the source, caches."""

    @property
    def oparg(self):
        """The same as arg."""
        return self.arg

    @property
    def baseopcode(self):
        """Number of the instruction of which this is a special form, or its own."""
        return _deoptop(self.opcode)

    @property
    def baseopname(self):
        """Name of the instruction of which this is a special form, or its own."""
        return opname[self.baseopcode]

    @property
    def cache_offset(self):
        """Offset of what follows the instruction's first word."""
        return self.offset + _WORD

    @property
    def end_offset(self):
        """Offset of the next instruction."""
        return self.cache_offset + (_WORD if _has_ext(self.opcode) else 0)

    @property
    def jump_target(self):
        """Offset of the instruction that this one may jump to, or None."""
        return self.end_offset + self.arg * _WORD if self.opcode in hasjump else None

    @property
    def is_jump_target(self):
        """Does something jump here?"""
        return self.label is not None

    def __str__(self):
        out = io.StringIO()
        Formatter(file=out).print_instruction(self, False)
        return out.getvalue()


def _has_ext(op):
    return op < len(_ROWS) and _ROWS[op][3] != 'none'


def _has_arg(raw):
    return raw.op is not None and _deoptop(raw.op) in hasarg


def _signed(value, bits):
    return value - (1 << bits) if value >> (bits - 1) else value


def _decode(code):
    """The instructions of the bytes; what is no instruction comes as op None and the word."""
    words = memoryview(bytes(code)[:len(code) // _WORD * _WORD]).cast('I')
    if sys.byteorder == 'big':
        words = [int.from_bytes(code[i:i + _WORD], 'little') for i in range(0, len(words) * _WORD, _WORD)]
    at = 0
    while at < len(words):
        start, high, word = at, 0, words[at]
        if word & 255 == _PREFIX and at + 1 < len(words):
            high, at = word, at + 1
            word = words[at]
        op = word & 255
        if op >= len(_ROWS) or (_has_ext(op) and at + 1 >= len(words)):
            yield _Raw(start * _WORD, at * _WORD, (at + 1) * _WORD, None, (word,), 0)
            at += 1
            continue
        _, _, roles, ext_kind = _ROWS[op]
        operands = []
        for shift, role in zip((8, 16, 24), roles):
            value = word >> shift & 255
            if role == 'j24':
                value = _signed(word >> 8, 24)
            elif role == 'k16':
                value = word >> 16
            elif role == 'i16':
                value = _signed(word >> 16, 16)
            elif role == 'simm':
                value = _signed(value, 8)
            elif role not in _NOT_WIDENED:
                value |= (high >> shift & 255) << 8
            operands.append(value)
        ext, end = 0, at + 1
        if ext_kind != 'none':
            ext, end = words[at + 1], at + 2
            if ext_kind == 'jump':
                ext = _signed(ext, 32)
        yield _Raw(start * _WORD, at * _WORD, end * _WORD, op, tuple(operands), ext)
        at = end


def _jump_target(raw):
    if raw.op is None or raw.op not in hasjump:
        return None
    distance = raw.ext if _ROWS[raw.op][3] == 'jump' else raw.operands[0]
    return raw.end + distance * _WORD


def _unpack_opargs(code):
    """Offset, offset of the prefix, number and argument of each instruction."""
    for raw in _decode(code):
        op = raw.operands[0] & 255 if raw.op is None else raw.op
        yield raw.offset, raw.start, op, _argument(raw) if _has_arg(raw) else None


def _argument(raw):
    """The operand that an instruction is about (see the module's text). A cache's index stays one."""
    if raw.op is None:
        return raw.operands[0] >> 8
    _, _, roles, ext_kind = _ROWS[raw.op]
    if ext_kind not in ('none', 'count'):
        return raw.ext
    for role, value in zip(roles, raw.operands):
        if role in ('i16', 'k16', 'j24'):
            return value
    if raw.op in hasfree and roles[1] == 'src' and roles[0] == 'dst':
        return raw.operands[1]
    return next((value for role, value in zip(roles, raw.operands) if role != 'none'), 0)


class ArgResolver:
    """Says what operands stand for, as far as the code object's parts are given."""

    def __init__(self, co_consts=None, names=None, varname_from_oparg=None, labels_map=None, *, sites=None,
                 first_local=0):
        self.co_consts = co_consts
        self.names = names
        self.varname_from_oparg = varname_from_oparg
        self.labels_map = labels_map or {}
        self.sites = sites
        self.first_local = first_local

    @classmethod
    def of_code(cls, co, labels_map):
        # Register 0 of code that is no function's holds the namespace.
        return cls(co.co_consts, co.co_names, co._varname_from_oparg, labels_map,
                   sites=_opcode._site_names(co), first_local=0 if co.co_flags & 1 else 1)

    def get_label_for_offset(self, offset):
        return self.labels_map.get(offset, None)

    def register(self, number):
        """A register's name: that of the local variable, `ns` for the namespace, or r and its number."""
        if self.varname_from_oparg is not None:
            if number < self.first_local:
                return 'ns'
            try:
                return self.varname_from_oparg(number - self.first_local)
            except IndexError:
                pass
        return f'r{number}'

    def name(self, raw):
        """Index in the names, and the name."""
        index = raw.ext
        if _ROWS[raw.op][3] == 'cache':
            if self.sites is None:
                return index, UNKNOWN
            index = self.sites[index] if index < len(self.sites) else -1
        if self.names is None or not 0 <= index < len(self.names):
            return index, UNKNOWN
        return index, self.names[index]

    def constant(self, index):
        if self.co_consts is None or index >= len(self.co_consts):
            return UNKNOWN
        return self.co_consts[index]

    def operands(self, raw):
        """What each operand stands for, and as text."""
        values, texts = [], []

        def add(value, text):
            values.append(value)
            texts.append(text)

        _, _, roles, ext_kind = _ROWS[raw.op]
        a, b, c = raw.operands
        for role, value in zip(roles, raw.operands):
            if role == 'none':
                continue
            if role == 'k16':
                constant = self.constant(value)
                add(constant, f'const {value}' if constant is UNKNOWN else repr(constant))
            elif role == 'j24':
                add(*self.target(raw))
            elif role in _NOT_REGISTERS:
                add(value, self.immediate(raw, role, value))
            else:
                add(*self.run(raw, role, value, a, b, c))
        if ext_kind in ('cache', 'name'):
            index, name = self.name(raw)
            add(name, f'name {index}' if name is UNKNOWN else name)
        elif ext_kind == 'konst':
            constant = self.constant(raw.ext)
            add(constant, f'const {raw.ext}' if constant is UNKNOWN else repr(constant))
        elif ext_kind == 'jump':
            add(*self.target(raw))
        elif ext_kind == 'count':
            add(raw.ext, str(raw.ext))
        return values, texts

    def immediate(self, raw, role, value):
        name = _all_opname[raw.op]
        if name == 'CONVERT_VALUE' and value < 4:
            return ('', 'str', 'repr', 'ascii')[value]
        if name == 'SET_FUNCTION_ATTRIBUTE':
            return '|'.join(s for i, s in enumerate(FUNCTION_ATTR_FLAGS) if value & (1 << i))
        for wanted, texts in (('CALL_INTRINSIC_1', _intrinsic_1_descs), ('CALL_INTRINSIC_2', _intrinsic_2_descs)):
            if name == wanted and value < len(texts):
                return texts[value]
        return str(value) if role != 'count' else f'#{value}'

    def run(self, raw, role, value, a, b, c):
        first = value + _AREAS.get(role, 0)
        count = _RUNS.get(role, 1)
        if count < 0:
            count *= -c
        elif role == 'srcrun2b':
            count = 1 + (b == 1)
        elif role == 'dstrun_a':
            count = a
        elif role == 'dstrun_c1x':
            count = c + 1 + raw.ext
        elif role in ('method', 'exitarea'):
            count = 2 if role == 'method' else 4
        elif role in ('callarea', 'methodarea'):
            count = c + (1 if role == 'callarea' else 2)
        elif role == 'exarea':
            count = 2 + (c & 1)
        name = self.register(first)
        if count <= 1:
            return name, name if count else '-'
        return name, f'{name}..{self.register(first + count - 1)}'

    def target(self, raw):
        target = _jump_target(raw)
        label = self.get_label_for_offset(target)
        return target, f'to {target}' if label is None else f'to L{label}'

    def get_argval_argrepr(self, raw):
        if raw.op is None:
            return raw.operands[0], f'{raw.operands[0]:#010x}'
        if not _has_arg(raw):
            return None, ''
        if raw.op == _PREFIX:
            return None, ''
        values, texts = self.operands(raw)
        _, _, roles, ext_kind = _ROWS[raw.op]
        if ext_kind != 'none' or {'i16', 'k16', 'j24'} & set(roles):
            value = values[-1]
        elif raw.op in hasfree or raw.op in haslocal:
            value = self.register(_argument(raw))
        else:
            value = values[0] if len(values) == 1 else tuple(values)
        text = ', '.join(texts)
        return value, text + ' as method' if _all_opname[raw.op] in deoptmap else text


def _get_const_value(op, arg, co_consts):
    return UNKNOWN if co_consts is None else co_consts[arg]


def _try_compile(source, name):
    try:
        return compile(source, name, 'eval')
    except SyntaxError:
        return compile(source, name, 'exec')


def _code_of(x):
    """The code object behind a function, method, generator, coroutine, or x itself."""
    x = getattr(x, '__func__', x)
    for attribute in ('__code__', 'gi_code', 'ag_code', 'cr_code'):
        if hasattr(x, attribute):
            return getattr(x, attribute)
    return x


def _get_code_object(x):
    co = _code_of(x)
    if isinstance(co, str):
        co = _try_compile(co, "<disassembly>")
    if hasattr(co, 'co_code'):
        return co
    raise TypeError(f"don't know how to disassemble {type(x).__name__} objects")


def _get_code_array(co, adaptive):
    return co._co_code_adaptive if adaptive else co.co_code


def pretty_flags(flags):
    """Names of the bits of co_flags, joined by commas."""
    if not flags:
        return hex(0)
    bits = [1 << i for i in range(flags.bit_length()) if flags >> i & 1]
    return ', '.join(COMPILER_FLAG_NAMES.get(bit, hex(bit)) for bit in bits)


def code_info(x):
    """What a function, method, string of source or code object consists of, as text."""
    return _format_code_info(_get_code_object(x))


def _format_code_info(co):
    rows = [("Name:", co.co_name), ("Filename:", co.co_filename), ("Argument count:", co.co_argcount),
            ("Positional-only arguments:", co.co_posonlyargcount), ("Kw-only arguments:", co.co_kwonlyargcount),
            ("Number of locals:", co.co_nlocals), ("Stack size:", co.co_stacksize),
            ("Flags:", pretty_flags(co.co_flags))]
    lines = [f"{title:<18} {value}" for title, value in rows]
    tables = [("Constants:", map(repr, co.co_consts)), ("Names:", co.co_names), ("Variable names:", co.co_varnames),
              ("Free variables:", co.co_freevars), ("Cell variables:", co.co_cellvars)]
    for title, table in tables:
        table = list(table)
        if table:
            lines.append(title)
            lines += [f"{i:4}: {value}" for i, value in enumerate(table)]
    return '\n'.join(lines)


def show_code(co, *, file=None):
    """Prints code_info."""
    print(code_info(co), file=file)


def findlabels(code):
    """Offsets of the instructions that others jump to, in the order of the jumps."""
    targets = map(_jump_target, _decode(code))
    return list(dict.fromkeys(target for target in targets if target is not None))


def findlinestarts(code):
    """Pairs of offset and line wherever the line changes; the line may be None."""
    last = False
    for start, _, line in code.co_lines():
        if line is not last:
            last = line
            yield start, line


def _parse_varint(iterator):
    byte = next(iterator)
    value = byte & 63
    while byte & 64:
        byte = next(iterator)
        value = value << 6 | byte & 63
    return value


def _parse_exception_table(code):
    numbers = iter(code.co_exceptiontable)
    entries = []
    while True:
        try:
            start, length, target = (2 * _parse_varint(numbers) for _ in range(3))
            depth = _parse_varint(numbers)
        except (StopIteration, RuntimeError):
            return entries
        entries.append(_ExceptionTableEntry(start, start + length, target, depth >> 1, bool(depth & 1)))


def _make_labels_map(code, exception_entries=()):
    offsets = set(findlabels(code))
    for entry in exception_entries:
        offsets.update((entry.start, entry.end, entry.target))
    labels = {offset: number for number, offset in enumerate(sorted(offsets), 1)}
    for entry in exception_entries:
        entry.start_label, entry.end_label, entry.target_label = map(
            labels.__getitem__, (entry.start, entry.end, entry.target))
    return labels


def _get_instructions_bytes(code, linestarts=None, line_offset=0, co_positions=None, original_code=None,
                            arg_resolver=None, adaptive=False):
    resolver = arg_resolver or ArgResolver()
    positions = list(co_positions or ())
    line = None
    for raw in _decode(code):
        starts_line = linestarts is not None and raw.start in linestarts
        if starts_line:
            line = linestarts[raw.start]
        at = raw.start // 2
        position = Positions(*positions[at]) if at < len(positions) else Positions()
        if raw.op is None:
            op, name = raw.operands[0] & 255, f'<{raw.operands[0] & 255}>'
        else:
            op = raw.op if adaptive else _deoptop(raw.op)
            name = _all_opname[op]
        argval, argrepr = resolver.get_argval_argrepr(raw)
        arg, cache = None, None
        if _has_arg(raw):
            arg = _argument(raw)
            if _ROWS[raw.op][3] == 'cache':
                arg, cache = resolver.name(raw)[0], [('site', 2, code[raw.end - _WORD:raw.end])]
        yield Instruction(name, op, arg, argval, argrepr, raw.offset, raw.start, starts_line,
                          None if line is None else line + line_offset,
                          resolver.get_label_for_offset(raw.start), position, cache)


def get_instructions(x, *, first_line=None, show_caches=None, adaptive=False):
    """The instructions of a function, method, generator, string of source or code object.

    `first_line` is the number to give the first line. `show_caches` does nothing: the entries are in `cache_info`.
    """
    return iter(Bytecode(x, first_line=first_line, adaptive=adaptive))


_OPNAME_WIDTH = 20
_NO_LINENO = '  --'


class Formatter:
    """Prints instructions in columns: line, label, offset, mark, name, operands."""

    def __init__(self, file=None, lineno_width=0, offset_width=0, label_width=0, line_offset=0, show_caches=False):
        self.file = file
        self.lineno_width = lineno_width
        self.offset_width = offset_width
        self.label_width = label_width
        self.show_caches = show_caches

    def print_instruction(self, instr, mark_as_current=False):
        self.print_instruction_line(instr, mark_as_current)
        if self.show_caches:
            for name, _, data in instr.cache_info or ():
                text = f"{name}: {int.from_bytes(data, 'little')}"
                offset = instr.offset + _WORD
                self.print_instruction_line(
                    Instruction('CACHE', opmap['CACHE'], 0, None, text, offset, offset, False, None, None,
                                instr.positions), False)

    def print_instruction_line(self, instr, mark_as_current):
        if self.lineno_width and instr.starts_line and instr.offset > 0:
            print(file=self.file)
        fields = []
        if self.lineno_width:
            line = ''
            if instr.starts_line:
                line = _NO_LINENO if instr.line_number is None else instr.line_number
            fields.append(f'{line:>{self.lineno_width}}')
        label = '' if instr.label is None else f'L{instr.label}:'
        fields.append(f'{label:>{self.label_width}}')
        if self.offset_width > 0:
            fields.append(f'{instr.start_offset:>{self.offset_width}}  ')
        fields.append('-->' if mark_as_current else '   ')
        fields.append(f'{instr.opname:<{_OPNAME_WIDTH}}')
        fields.append(instr.argrepr)
        print(' '.join(fields).rstrip(), file=self.file)

    def print_exception_table(self, exception_entries):
        if not exception_entries:
            return
        print("ExceptionTable:", file=self.file)
        for entry in exception_entries:
            lasti = " lasti" if entry.lasti else ""
            print(f"  L{entry.start_label} to L{entry.end_label} -> L{entry.target_label} [r{entry.depth}]{lasti}",
                  file=self.file)


def _get_lineno_width(linestarts):
    highest = max(filter(None, (linestarts or {}).values()), default=-1)
    if highest == -1:
        return 0
    width = max(3, len(str(highest)))
    return max(width, len(_NO_LINENO)) if None in linestarts.values() else width


def _offset_width(code, show_offsets):
    return len(str(max(len(code) - _WORD, 9999))) if show_offsets else 0


def print_instructions(instrs, exception_entries, formatter, lasti=-1):
    for instr in instrs:
        formatter.print_instruction(instr, instr.start_offset <= lasti < instr.end_offset)
    formatter.print_exception_table(exception_entries)


def _dis_bytes(code, file, show_caches, show_offsets):
    labels = _make_labels_map(code)
    formatter = Formatter(file, offset_width=_offset_width(code, show_offsets), label_width=4 + len(str(len(labels))),
                          show_caches=show_caches)
    instrs = _get_instructions_bytes(code, arg_resolver=ArgResolver(labels_map=labels))
    print_instructions(instrs, (), formatter)


def disassemble(co, lasti=-1, *, file=None, show_caches=False, adaptive=False, show_offsets=False):
    """Prints the instructions of a code object; an arrow marks the one at lasti."""
    bytecode = Bytecode(co, current_offset=lasti, show_caches=show_caches, adaptive=adaptive,
                        show_offsets=show_offsets)
    bytecode._print(file)


disco = disassemble


def _disassemble_recursive(co, *, file=None, depth=None, **options):
    disassemble(co, file=file, **options)
    if depth is not None and depth <= 0:
        return
    for constant in co.co_consts:
        if hasattr(constant, 'co_code'):
            print(file=file)
            print(f"Disassembly of {constant!r}:", file=file)
            _disassemble_recursive(constant, file=file, depth=None if depth is None else depth - 1, **options)


_HAVE_CODE = (types.MethodType, types.FunctionType, types.CodeType, classmethod, staticmethod, type)


def dis(x=None, *, file=None, depth=None, show_caches=False, adaptive=False, show_offsets=False):
    """Prints the instructions of a module, class, function, generator, code object, source text or bytes.

    Without an argument: of the last traceback. `depth` limits how deep nested code is shown.
    """
    options = dict(show_caches=show_caches, adaptive=adaptive, show_offsets=show_offsets)
    if x is None:
        distb(file=file, **options)
        return
    x = _code_of(x)
    if hasattr(x, '__dict__'):
        for name, value in sorted(x.__dict__.items()):
            if not isinstance(value, _HAVE_CODE):
                continue
            print(f"Disassembly of {name}:", file=file)
            try:
                dis(value, file=file, depth=depth, **options)
            except TypeError as error:
                print("Sorry:", error, file=file)
            print(file=file)
    elif hasattr(x, 'co_code'):
        _disassemble_recursive(x, file=file, depth=depth, **options)
    elif isinstance(x, (bytes, bytearray)):
        _dis_bytes(x, file, show_caches, show_offsets)
    elif isinstance(x, str):
        _disassemble_recursive(_try_compile(x, '<dis>'), file=file, depth=depth, **options)
    else:
        raise TypeError(f"don't know how to disassemble {type(x).__name__} objects")


def _last_frame(tb):
    while tb.tb_next:
        tb = tb.tb_next
    return tb


def distb(tb=None, *, file=None, show_caches=False, adaptive=False, show_offsets=False):
    """Prints the code in which a traceback (default: the last one) ends."""
    if tb is None:
        if hasattr(sys, 'last_exc'):
            tb = sys.last_exc.__traceback__
        elif hasattr(sys, 'last_traceback'):
            tb = sys.last_traceback
        else:
            raise RuntimeError("no last traceback to disassemble")
        tb = _last_frame(tb)
    disassemble(tb.tb_frame.f_code, tb.tb_lasti, file=file, show_caches=show_caches, adaptive=adaptive,
                show_offsets=show_offsets)


class Bytecode:
    """The instructions of a function, method, generator, string of source or code object; iterable."""

    def __init__(self, x, *, first_line=None, current_offset=None, show_caches=False, adaptive=False,
                 show_offsets=False):
        self.codeobj = co = _get_code_object(x)
        self.first_line = co.co_firstlineno if first_line is None else first_line
        self._line_offset = self.first_line - co.co_firstlineno
        self._linestarts = dict(findlinestarts(co))
        self._original_object = x
        self.current_offset = current_offset
        self.exception_entries = _parse_exception_table(co)
        self.show_caches = show_caches
        self.adaptive = adaptive
        self.show_offsets = show_offsets

    def __iter__(self):
        co = self.codeobj
        labels = _make_labels_map(co.co_code, self.exception_entries)
        return _get_instructions_bytes(
            _get_code_array(co, self.adaptive), linestarts=self._linestarts, line_offset=self._line_offset,
            co_positions=co.co_positions(), arg_resolver=ArgResolver.of_code(co, labels), adaptive=self.adaptive)

    def __repr__(self):
        return f"{self.__class__.__name__}({self._original_object!r})"

    @classmethod
    def from_traceback(cls, tb, *, show_caches=False, adaptive=False):
        """The code in which a traceback ends."""
        tb = _last_frame(tb)
        return cls(tb.tb_frame.f_code, current_offset=tb.tb_lasti, show_caches=show_caches, adaptive=adaptive)

    def info(self):
        """What code_info says."""
        return _format_code_info(self.codeobj)

    def _print(self, file):
        code = self.codeobj.co_code
        labels = _make_labels_map(code, self.exception_entries)
        formatter = Formatter(file, _get_lineno_width(self._linestarts), _offset_width(code, self.show_offsets),
                              4 + len(str(len(labels))), self._line_offset, self.show_caches)
        lasti = -1 if self.current_offset is None else self.current_offset
        print_instructions(self, self.exception_entries, formatter, lasti)

    def dis(self):
        """The instructions as text."""
        out = io.StringIO()
        self._print(out)
        return out.getvalue()


def _find_imports(co):
    """Name, level and fromlist of each import statement, as `modulefinder` wants them."""
    registers = {}
    for raw in _decode(co.co_code):
        if raw.op is None:
            continue
        name, target = _all_opname[raw.op], raw.operands[0]
        if name == 'LOAD_INT':
            registers[target] = raw.operands[1]
        elif name in ('LOAD_NONE', 'LOAD_TRUE', 'LOAD_FALSE'):
            registers[target] = {'LOAD_NONE': None, 'LOAD_TRUE': True, 'LOAD_FALSE': False}[name]
        elif raw.op in hasconst and name.startswith('LOAD_CONST'):
            registers[target] = co.co_consts[_argument(raw)]
        elif name == 'IMPORT_NAME':
            first = raw.operands[1]
            if first in registers and first + 1 in registers:
                yield co.co_names[raw.ext], registers[first], registers[first + 1]


def _find_store_names(co):
    """Names of the global variables that the code binds."""
    sites = _opcode._site_names(co)
    for raw in _decode(co.co_code):
        if raw.op is not None and _all_opname[raw.op] in ('STORE_NAME', 'STORE_GLOBAL'):
            yield co.co_names[sites[raw.ext]]


def main(args=None):
    import argparse

    parser = argparse.ArgumentParser()
    parser.add_argument('-C', '--show-caches', action='store_true', help='show inline caches')
    parser.add_argument('-O', '--show-offsets', action='store_true', help='show instruction offsets')
    parser.add_argument('infile', nargs='?', default='-')
    options = parser.parse_args(args=args)
    if options.infile == '-':
        name, source = '<stdin>', sys.stdin.buffer.read()
    else:
        name = options.infile
        with open(name, 'rb') as file:
            source = file.read()
    dis(compile(source, name, 'exec'), show_caches=options.show_caches, show_offsets=options.show_offsets)


if __name__ == "__main__":
    main()
