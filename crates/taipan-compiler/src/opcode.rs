//! The instruction set: one table row declares each opcode, and everything that knows opcodes
//! (encoder, decoder, disassembler, verifier, liveness, interpreter, JIT) is made from the rows.
//!
//! Encoding, in 32-bit words:
//! - register form `op | a<<8 | b<<16 | c<<24`;
//! - wide form `op | a<<8 | imm16<<16` (role `i16` or `k16` in the place of `b`);
//! - jump form `op | s24<<8` (role `j24` in the place of `a`), counted in words from the next instruction;
//! - an opcode whose `ext` is not `none` is followed by one more word of that meaning. A jump there is an
//!   `i32`, counted in words from the next instruction (that is, after the extension word);
//! - a prefix word `EXT | a_hi<<8 | b_hi<<16 | c_hi<<24` gives the high bytes of the operands of the next
//!   instruction. It applies to register and count roles only; immediates are never widened.
//!
//! Row: `("register transfer", NAME, [role a, role b, role c], ext, effects)`. `R` are registers, `K` constants,
//! `N` names, `I` the immediate, `X` the extension word, `NS` the namespace in register 0.
//!
//! Invariant: the roles are exact. A register that a row does not read is dead to the collector.

/// Calls `$m!` with all rows of the opcode table.
#[macro_export]
macro_rules! for_each_op {
    ($m:ident) => {
        $m! {
            // ---- control
            ("no operation", NOP, [none, none, none], none, [PURE]),
            ("prefix: high bytes of a, b, c of the next instruction", EXT, [none, none, none], none, [PURE]),
            ("start of a function (I=0), after a yield (1), after yield from (2), after await (3): tracing and interrupts", RESUME, [imm, none, none], none, [RAISES, CALLS, POLLS]),
            ("placeholder patched over an instruction that has events; the original is in the VM's side table", INSTRUMENTED, [none, none, none], none, [RAISES, CALLS]),
            ("pc += J", JUMP, [j24, none, none], none, [TERM, JUMPS]),
            ("pc += J, a loop's back edge", JUMP_BACK, [j24, none, none], none, [TERM, JUMPS, POLLS, RAISES, CALLS]),
            ("return R[A]", RETURN, [src, none, none], none, [TERM, RAISES]),
            ("return None", RETURN_NONE, [none, none, none], none, [TERM, RAISES]),

            // ---- moves and constants
            ("R[A] := R[B] (may be empty)", MOVE, [dst, src, none], none, [PURE]),
            ("R[A] := K[B]", LOAD_CONST, [dst, k16, none], none, [PURE]),
            ("R[A] := K[X]", LOAD_CONST_W, [dst, none, none], konst, [PURE]),
            ("R[A] := I, a small int", LOAD_INT, [dst, i16, none], none, [PURE]),
            ("R[A] := None", LOAD_NONE, [dst, none, none], none, [PURE]),
            ("R[A] := True", LOAD_TRUE, [dst, none, none], none, [PURE]),
            ("R[A] := False", LOAD_FALSE, [dst, none, none], none, [PURE]),
            ("R[A] := empty", LOAD_EMPTY, [dst, none, none], none, [PURE]),
            ("if R[A] is empty raise UnboundLocalError", CHECK_LOCAL, [src, none, none], none, [RAISES]),
            ("if R[A] is empty raise UnboundLocalError; R[A] := empty", DELETE_FAST, [inout, none, none], none, [RAISES]),

            // ---- names
            ("R[A] := NS, globals or builtins [N]", LOAD_NAME, [dst, none, none], cache, [RAISES, CALLS]),
            ("NS[N] := R[A]", STORE_NAME, [src, none, none], cache, [RAISES, CALLS]),
            ("del NS[N]", DELETE_NAME, [none, none, none], name, [RAISES, CALLS]),
            ("R[A] := globals or builtins [N]", LOAD_GLOBAL, [dst, none, none], cache, [RAISES, CALLS]),
            ("globals[N] := R[A]", STORE_GLOBAL, [src, none, none], cache, [RAISES, CALLS]),
            ("del globals[N]", DELETE_GLOBAL, [none, none, none], name, [RAISES, CALLS]),
            ("R[A] := new cell holding R[A] (may be empty)", MAKE_CELL, [inout, none, none], none, [RAISES]),
            ("R[B..B+A] := the function's closure cells", COPY_FREE_VARS, [count, dstrun_a, none], none, [PURE]),
            ("R[A] := contents of the cell R[B], or NameError", LOAD_DEREF, [dst, src, none], none, [RAISES]),
            ("contents of the cell R[A] := R[B]", STORE_DEREF, [src, src, none], none, []),
            ("contents of the cell R[A] := empty, or NameError", DELETE_DEREF, [src, none, none], none, [RAISES]),
            ("R[A] := R[B][name of the local R[C]], else contents of the cell R[C]", LOAD_FROM_DICT_OR_DEREF, [dst, src, src], none, [RAISES, CALLS]),
            ("R[A] := R[B][N], else globals or builtins [N]", LOAD_FROM_DICT_OR_GLOBALS, [dst, src, none], name, [RAISES, CALLS]),
            ("R[A] := builtins.__build_class__", LOAD_BUILD_CLASS, [dst, none, none], none, [RAISES, CALLS]),
            ("R[A] := AssertionError", LOAD_ASSERTION_ERROR, [dst, none, none], none, [PURE]),
            ("if __annotations__ is not in NS, NS['__annotations__'] := {}", SETUP_ANNOTATIONS, [none, none, none], none, [RAISES, CALLS]),

            // ---- attributes
            ("R[A] := R[B].N", LOAD_ATTR, [dst, src, none], cache, [RAISES, CALLS]),
            ("R[A].N := R[B]", STORE_ATTR, [src, src, none], cache, [RAISES, CALLS]),
            ("del R[A].N", DELETE_ATTR, [src, none, none], name, [RAISES, CALLS]),
            ("R[A+3], R[A+4] := function of R[B].N, R[B]; or R[B].N, empty", LOAD_METHOD, [method, src, none], cache, [RAISES, CALLS]),
            ("R[A] := super attribute N; R[B..B+3] are super, class, self; I&2: super was called with arguments", LOAD_SUPER_ATTR, [dst, srcrun3, imm], cache, [RAISES, CALLS]),
            ("as LOAD_SUPER_ATTR, result as LOAD_METHOD's", LOAD_SUPER_METHOD, [method, srcrun3, imm], cache, [RAISES, CALLS]),

            // ---- subscripts
            ("R[A] := R[B][R[C]]", GETITEM, [dst, src, src], none, [RAISES, CALLS]),
            ("R[A] := R[B][I]", GETITEMI, [dst, src, simm], none, [RAISES, CALLS]),
            ("R[A][R[B]] := R[C]", SETITEM, [src, src, src], none, [RAISES, CALLS]),
            ("R[A][I] := R[C]", SETITEMI, [src, simm, src], none, [RAISES, CALLS]),
            ("del R[A][R[B]]", DELITEM, [src, src, none], none, [RAISES, CALLS]),
            ("R[A] := slice(R[B], R[B+1]) or, with C=3, slice(R[B], R[B+1], R[B+2])", BUILD_SLICE, [dst, srcrun_c, count], none, [RAISES]),
            ("R[A] := R[B][R[C]:R[C+1]]", GETSLICE, [dst, src, srcrun2], none, [RAISES, CALLS]),
            ("R[A][R[B]:R[B+1]] := R[C]", SETSLICE, [src, srcrun2, src], none, [RAISES, CALLS]),

            // ---- arithmetic
            ("R[A] := R[B] + R[C]", ADD, [dst, src, src], none, [RAISES, CALLS]),
            ("R[A] := R[B] - R[C]", SUB, [dst, src, src], none, [RAISES, CALLS]),
            ("R[A] := R[B] * R[C]", MUL, [dst, src, src], none, [RAISES, CALLS]),
            ("R[A] := R[B] @ R[C]", MATMUL, [dst, src, src], none, [RAISES, CALLS]),
            ("R[A] := R[B] / R[C]", TRUEDIV, [dst, src, src], none, [RAISES, CALLS]),
            ("R[A] := R[B] // R[C]", FLOORDIV, [dst, src, src], none, [RAISES, CALLS]),
            ("R[A] := R[B] % R[C]", MOD, [dst, src, src], none, [RAISES, CALLS]),
            ("R[A] := R[B] ** R[C]", POW, [dst, src, src], none, [RAISES, CALLS]),
            ("R[A] := R[B] << R[C]", LSHIFT, [dst, src, src], none, [RAISES, CALLS]),
            ("R[A] := R[B] >> R[C]", RSHIFT, [dst, src, src], none, [RAISES, CALLS]),
            ("R[A] := R[B] | R[C]", OR, [dst, src, src], none, [RAISES, CALLS]),
            ("R[A] := R[B] ^ R[C]", XOR, [dst, src, src], none, [RAISES, CALLS]),
            ("R[A] := R[B] & R[C]", AND, [dst, src, src], none, [RAISES, CALLS]),
            ("R[A] := R[B] += R[C]", IADD, [dst, src, src], none, [RAISES, CALLS]),
            ("R[A] := R[B] -= R[C]", ISUB, [dst, src, src], none, [RAISES, CALLS]),
            ("R[A] := R[B] *= R[C]", IMUL, [dst, src, src], none, [RAISES, CALLS]),
            ("R[A] := R[B] @= R[C]", IMATMUL, [dst, src, src], none, [RAISES, CALLS]),
            ("R[A] := R[B] /= R[C]", ITRUEDIV, [dst, src, src], none, [RAISES, CALLS]),
            ("R[A] := R[B] //= R[C]", IFLOORDIV, [dst, src, src], none, [RAISES, CALLS]),
            ("R[A] := R[B] %= R[C]", IMOD, [dst, src, src], none, [RAISES, CALLS]),
            ("R[A] := R[B] **= R[C]", IPOW, [dst, src, src], none, [RAISES, CALLS]),
            ("R[A] := R[B] <<= R[C]", ILSHIFT, [dst, src, src], none, [RAISES, CALLS]),
            ("R[A] := R[B] >>= R[C]", IRSHIFT, [dst, src, src], none, [RAISES, CALLS]),
            ("R[A] := R[B] |= R[C]", IOR, [dst, src, src], none, [RAISES, CALLS]),
            ("R[A] := R[B] ^= R[C]", IXOR, [dst, src, src], none, [RAISES, CALLS]),
            ("R[A] := R[B] &= R[C]", IAND, [dst, src, src], none, [RAISES, CALLS]),
            ("R[A] := R[B] + I", ADDI, [dst, src, simm], none, [RAISES, CALLS]),
            ("R[A] := R[B] - I", SUBI, [dst, src, simm], none, [RAISES, CALLS]),
            ("R[A] := R[B] * I", MULI, [dst, src, simm], none, [RAISES, CALLS]),
            ("R[A] := R[B] // I", FLOORDIVI, [dst, src, simm], none, [RAISES, CALLS]),
            ("R[A] := R[B] % I", MODI, [dst, src, simm], none, [RAISES, CALLS]),
            ("R[A] := R[B] & I", ANDI, [dst, src, simm], none, [RAISES, CALLS]),
            ("R[A] := R[B] << I", LSHIFTI, [dst, src, simm], none, [RAISES, CALLS]),
            ("R[A] := R[B] >> I", RSHIFTI, [dst, src, simm], none, [RAISES, CALLS]),
            ("R[A] := R[B] ** I", POWI, [dst, src, simm], none, [RAISES, CALLS]),
            ("R[A] := R[B] += I", IADDI, [dst, src, simm], none, [RAISES, CALLS]),
            ("R[A] := R[B] -= I", ISUBI, [dst, src, simm], none, [RAISES, CALLS]),
            ("R[A] := I + R[B]", RADDI, [dst, src, simm], none, [RAISES, CALLS]),
            ("R[A] := I - R[B]", RSUBI, [dst, src, simm], none, [RAISES, CALLS]),
            ("R[A] := I * R[B]", RMULI, [dst, src, simm], none, [RAISES, CALLS]),
            ("R[A] := -R[B]", NEG, [dst, src, none], none, [RAISES, CALLS]),
            ("R[A] := +R[B]", POS, [dst, src, none], none, [RAISES, CALLS]),
            ("R[A] := ~R[B]", INVERT, [dst, src, none], none, [RAISES, CALLS]),
            ("R[A] := not R[B]", NOT, [dst, src, none], none, [RAISES, CALLS]),

            // ---- comparisons to a value
            ("R[A] := R[B] < R[C]", LT, [dst, src, src], none, [RAISES, CALLS]),
            ("R[A] := R[B] <= R[C]", LE, [dst, src, src], none, [RAISES, CALLS]),
            ("R[A] := R[B] == R[C]", EQ, [dst, src, src], none, [RAISES, CALLS]),
            ("R[A] := R[B] != R[C]", NE, [dst, src, src], none, [RAISES, CALLS]),
            ("R[A] := R[B] > R[C]", GT, [dst, src, src], none, [RAISES, CALLS]),
            ("R[A] := R[B] >= R[C]", GE, [dst, src, src], none, [RAISES, CALLS]),
            ("R[A] := R[B] is R[C]", IS, [dst, src, src], none, [PURE]),
            ("R[A] := R[B] is not R[C]", IS_NOT, [dst, src, src], none, [PURE]),
            ("R[A] := R[B] in R[C]", IN, [dst, src, src], none, [RAISES, CALLS]),
            ("R[A] := R[B] not in R[C]", NOT_IN, [dst, src, src], none, [RAISES, CALLS]),

            // ---- conditional jumps, forward or to code outside the loop: they never poll
            ("if R[A]: pc += X", JUMP_IF_TRUE, [src, none, none], jump, [RAISES, CALLS, JUMPS]),
            ("if not R[A]: pc += X", JUMP_IF_FALSE, [src, none, none], jump, [RAISES, CALLS, JUMPS]),
            ("if R[A] is None: pc += X", JUMP_IF_NONE, [src, none, none], jump, [JUMPS]),
            ("if R[A] is not None: pc += X", JUMP_IF_NOT_NONE, [src, none, none], jump, [JUMPS]),
            ("if R[A] < R[B]: pc += X", JLT, [src, src, none], jump, [RAISES, CALLS, JUMPS]),
            ("if R[A] <= R[B]: pc += X", JLE, [src, src, none], jump, [RAISES, CALLS, JUMPS]),
            ("if R[A] == R[B]: pc += X", JEQ, [src, src, none], jump, [RAISES, CALLS, JUMPS]),
            ("if R[A] != R[B]: pc += X", JNE, [src, src, none], jump, [RAISES, CALLS, JUMPS]),
            ("if R[A] > R[B]: pc += X", JGT, [src, src, none], jump, [RAISES, CALLS, JUMPS]),
            ("if R[A] >= R[B]: pc += X", JGE, [src, src, none], jump, [RAISES, CALLS, JUMPS]),
            ("if not R[A] < R[B]: pc += X", JNLT, [src, src, none], jump, [RAISES, CALLS, JUMPS]),
            ("if not R[A] <= R[B]: pc += X", JNLE, [src, src, none], jump, [RAISES, CALLS, JUMPS]),
            ("if not (R[A] == R[B]): pc += X", JNEQ, [src, src, none], jump, [RAISES, CALLS, JUMPS]),
            ("if not (R[A] != R[B]): pc += X", JNNE, [src, src, none], jump, [RAISES, CALLS, JUMPS]),
            ("if not R[A] > R[B]: pc += X", JNGT, [src, src, none], jump, [RAISES, CALLS, JUMPS]),
            ("if not R[A] >= R[B]: pc += X", JNGE, [src, src, none], jump, [RAISES, CALLS, JUMPS]),
            ("if R[A] < I: pc += X", JLTI, [src, simm, none], jump, [RAISES, CALLS, JUMPS]),
            ("if R[A] <= I: pc += X", JLEI, [src, simm, none], jump, [RAISES, CALLS, JUMPS]),
            ("if R[A] == I: pc += X", JEQI, [src, simm, none], jump, [RAISES, CALLS, JUMPS]),
            ("if R[A] != I: pc += X", JNEI, [src, simm, none], jump, [RAISES, CALLS, JUMPS]),
            ("if R[A] > I: pc += X", JGTI, [src, simm, none], jump, [RAISES, CALLS, JUMPS]),
            ("if R[A] >= I: pc += X", JGEI, [src, simm, none], jump, [RAISES, CALLS, JUMPS]),
            ("if not R[A] < I: pc += X", JNLTI, [src, simm, none], jump, [RAISES, CALLS, JUMPS]),
            ("if not R[A] <= I: pc += X", JNLEI, [src, simm, none], jump, [RAISES, CALLS, JUMPS]),
            ("if not (R[A] == I): pc += X", JNEQI, [src, simm, none], jump, [RAISES, CALLS, JUMPS]),
            ("if not (R[A] != I): pc += X", JNNEI, [src, simm, none], jump, [RAISES, CALLS, JUMPS]),
            ("if not R[A] > I: pc += X", JNGTI, [src, simm, none], jump, [RAISES, CALLS, JUMPS]),
            ("if not R[A] >= I: pc += X", JNGEI, [src, simm, none], jump, [RAISES, CALLS, JUMPS]),
            ("if R[A] is R[B]: pc += X", JIS, [src, src, none], jump, [JUMPS]),
            ("if R[A] is not R[B]: pc += X", JNIS, [src, src, none], jump, [JUMPS]),
            ("if R[A] in R[B]: pc += X", JIN, [src, src, none], jump, [RAISES, CALLS, JUMPS]),
            ("if R[A] not in R[B]: pc += X", JNIN, [src, src, none], jump, [RAISES, CALLS, JUMPS]),

            // ---- conditional back edges of loops: they poll
            ("if R[A]: pc += X", LOOP_IF_TRUE, [src, none, none], jump, [RAISES, CALLS, JUMPS, POLLS]),
            ("if not R[A]: pc += X", LOOP_IF_FALSE, [src, none, none], jump, [RAISES, CALLS, JUMPS, POLLS]),
            ("if R[A] < R[B]: pc += X", LOOP_LT, [src, src, none], jump, [RAISES, CALLS, JUMPS, POLLS]),
            ("if R[A] <= R[B]: pc += X", LOOP_LE, [src, src, none], jump, [RAISES, CALLS, JUMPS, POLLS]),
            ("if R[A] == R[B]: pc += X", LOOP_EQ, [src, src, none], jump, [RAISES, CALLS, JUMPS, POLLS]),
            ("if R[A] != R[B]: pc += X", LOOP_NE, [src, src, none], jump, [RAISES, CALLS, JUMPS, POLLS]),
            ("if R[A] > R[B]: pc += X", LOOP_GT, [src, src, none], jump, [RAISES, CALLS, JUMPS, POLLS]),
            ("if R[A] >= R[B]: pc += X", LOOP_GE, [src, src, none], jump, [RAISES, CALLS, JUMPS, POLLS]),
            ("if R[A] < I: pc += X", LOOP_LTI, [src, simm, none], jump, [RAISES, CALLS, JUMPS, POLLS]),
            ("if R[A] <= I: pc += X", LOOP_LEI, [src, simm, none], jump, [RAISES, CALLS, JUMPS, POLLS]),
            ("if R[A] == I: pc += X", LOOP_EQI, [src, simm, none], jump, [RAISES, CALLS, JUMPS, POLLS]),
            ("if R[A] != I: pc += X", LOOP_NEI, [src, simm, none], jump, [RAISES, CALLS, JUMPS, POLLS]),
            ("if R[A] > I: pc += X", LOOP_GTI, [src, simm, none], jump, [RAISES, CALLS, JUMPS, POLLS]),
            ("if R[A] >= I: pc += X", LOOP_GEI, [src, simm, none], jump, [RAISES, CALLS, JUMPS, POLLS]),

            // ---- iteration
            ("R[A] := iter(R[B])", GET_ITER, [dst, src, none], none, [RAISES, CALLS]),
            ("if next(R[B]) gives a value: R[A] := value, pc += X (the loop's back edge); else fall through, R[A] kept", FOR_NEXT, [conddst, src, none], jump, [RAISES, CALLS, JUMPS, POLLS]),
            ("R[A] := R[B].__aiter__(), checked", GET_AITER, [dst, src, none], none, [RAISES, CALLS]),
            ("R[A] := awaitable of R[B].__anext__(), checked", GET_ANEXT, [dst, src, none], none, [RAISES, CALLS]),
            ("if R[A] is not a StopAsyncIteration reraise R[A] (with the line of R[A+1], the saved lasti)", END_ASYNC_FOR, [srcrun2, none, none], none, [RAISES]),
            ("R[A..A+C] := the C items of R[B]; nothing is written unless all is well", UNPACK_SEQUENCE, [dstrun_c, src, count], none, [RAISES, CALLS]),
            ("R[A], R[B] := the two items of R[C]; nothing is written unless all is well", UNPACK2, [dst, dst, src], none, [RAISES, CALLS]),
            ("R[A..A+C+1+X] := the C first items of R[B], a list of the middle ones, the X last ones", UNPACK_EX, [dstrun_c1x, src, count], count, [RAISES, CALLS]),

            // ---- generators and coroutines
            ("return a generator, coroutine or async generator that owns this frame; it resumes at the next instruction", RETURN_GENERATOR, [none, none, none], none, [RAISES]),
            ("yield R[B]; on resumption R[A] := the value sent", YIELD_VALUE, [dst, src, none], none, [RAISES, CALLS]),
            ("as YIELD_VALUE, on behalf of the sub-iterator R[C], to which throw() and close() are passed on", YIELD_DELEGATE, [dst, src, src], none, [RAISES, CALLS]),
            ("send R[C] to R[B]: if it yields R[A] := value and fall through; if it returns R[A] := value, pc += X", SEND, [dst, src, src], jump, [RAISES, CALLS, JUMPS]),
            ("if R[B] is a StopIteration: R[A] := its value; else reraise R[B]", CLEANUP_THROW, [dst, src, none], none, [RAISES]),
            ("R[A] := R[B] as the iterator of yield from", GET_YIELD_FROM_ITER, [dst, src, none], none, [RAISES, CALLS]),
            ("R[A] := R[B] as the iterator of await; I: 0 await, 1 __aenter__, 2 __aexit__, for the error's text", GET_AWAITABLE, [dst, src, imm], none, [RAISES, CALLS]),
            ("R[A] := R[B] wrapped as an async generator's value", ASYNC_GEN_WRAP, [dst, src, none], none, [RAISES]),

            // ---- calls; see the crate documentation for the call area
            ("R[A] := R[B+3](R[B+4..B+4+C])", CALL, [dst, callarea, count], none, [RAISES, CALLS]),
            ("as CALL; the last len(K[X]) of the C arguments are named by the tuple K[X]", CALL_KW, [dst, callarea, count], konst, [RAISES, CALLS]),
            ("R[A] := R[B+3](R[B+4] unless empty, R[B+5..B+5+C])", CALL_METHOD, [dst, methodarea, count], none, [RAISES, CALLS]),
            ("as CALL_METHOD; the last len(K[X]) of the C arguments are named by the tuple K[X]", CALL_METHOD_KW, [dst, methodarea, count], konst, [RAISES, CALLS]),
            ("R[A] := R[B+3](*R[B+4], **R[B+5] if I&1)", CALL_EX, [dst, exarea, imm], none, [RAISES, CALLS]),
            ("R[A] := intrinsic1[I](R[B])", CALL_INTRINSIC_1, [dst, src, imm], none, [RAISES, CALLS]),
            ("R[A] := intrinsic2[I](R[B], R[B+1])", CALL_INTRINSIC_2, [dst, srcrun2, imm], none, [RAISES, CALLS]),

            // ---- functions
            ("R[A] := function of the code K[X]", MAKE_FUNCTION, [dst, none, none], konst, [RAISES]),
            ("part I of the function R[A] := R[B]; I: 1 defaults, 2 kwdefaults, 4 annotations (flat tuple), 8 closure", SET_FUNCTION_ATTRIBUTE, [src, src, imm], none, [RAISES]),

            // ---- containers
            ("R[A] := tuple of R[B..B+C]", BUILD_TUPLE, [dst, srcrun_c, count], none, [RAISES]),
            ("R[A] := list of R[B..B+C]", BUILD_LIST, [dst, srcrun_c, count], none, [RAISES]),
            ("R[A] := set of R[B..B+C]", BUILD_SET, [dst, srcrun_c, count], none, [RAISES, CALLS]),
            ("R[A] := dict of the C pairs R[B..B+2C]", BUILD_MAP, [dst, srcrun_2c, count], none, [RAISES, CALLS]),
            ("R[A] := the strings R[B..B+C] joined", BUILD_STRING, [dst, srcrun_c, count], none, [RAISES]),
            ("append R[B] to the list R[A]", LIST_APPEND, [src, src, none], none, [RAISES]),
            ("add R[B] to the set R[A]", SET_ADD, [src, src, none], none, [RAISES, CALLS]),
            ("R[A][R[B]] := R[C] in the dict R[A]", MAP_ADD, [src, src, src], none, [RAISES, CALLS]),
            ("extend the list R[A] by the iterable R[B] of a display or a call", LIST_EXTEND, [src, src, none], none, [RAISES, CALLS]),
            ("update the set R[A] by the iterable R[B]", SET_UPDATE, [src, src, none], none, [RAISES, CALLS]),
            ("update the dict R[A] by the mapping R[B]", DICT_UPDATE, [src, src, none], none, [RAISES, CALLS]),
            ("merge the keyword mapping R[B] into the dict R[A], no duplicates, for a call of R[C]", DICT_MERGE, [src, src, src], none, [RAISES, CALLS]),
            ("R[A] := tuple of the list R[B]", LIST_TO_TUPLE, [dst, src, none], none, [RAISES]),

            // ---- formatting
            ("R[A] := format(R[B], '')", FORMAT_SIMPLE, [dst, src, none], none, [RAISES, CALLS]),
            ("R[A] := format(R[B], R[C])", FORMAT_WITH_SPEC, [dst, src, src], none, [RAISES, CALLS]),
            ("R[A] := str (I=1), repr (2) or ascii (3) of R[B]", CONVERT_VALUE, [dst, src, imm], none, [RAISES, CALLS]),

            // ---- imports
            ("R[A] := import N with level R[B] and fromlist R[B+1]", IMPORT_NAME, [dst, srcrun2, none], name, [RAISES, CALLS]),
            ("R[A] := N of the module R[B]", IMPORT_FROM, [dst, src, none], name, [RAISES, CALLS]),

            // ---- exceptions
            ("R[A] := the handled exception; the handled exception := R[B]", PUSH_EXC, [dst, src, none], none, [PURE]),
            ("the handled exception := R[A]", POP_EXC, [src, none, none], none, [PURE]),
            ("raise R[A] again, without a new traceback entry; I=1: the frame's position := the lasti in R[A+1]", RERAISE, [srcrun2b, imm, none], none, [TERM, RAISES]),
            ("raise the handled exception again", RAISE_BARE, [none, none, none], none, [TERM, RAISES]),
            ("raise R[A]", RAISE, [src, none, none], none, [TERM, RAISES, CALLS]),
            ("raise R[A] from R[B]", RAISE_FROM, [src, src, none], none, [TERM, RAISES, CALLS]),
            ("R[A] := does the exception R[B] match the type or types R[C]", CHECK_EXC_MATCH, [dst, src, src], none, [RAISES, CALLS]),
            ("R[A], R[A+1] := the part of the exception R[B] that matches R[C] (or None), the rest (or None); the handled exception := R[A] unless None; R[B] may be None", CHECK_EG_MATCH, [dstrun2, src, src], none, [RAISES, CALLS]),
            ("R[A] := what is to be raised after except* (or None), of the original R[B] and the list R[C]", PREP_RERAISE_STAR, [dst, src, src], none, [RAISES, CALLS]),
            ("R[A+3], R[A+4] := R[B].__enter__ as LOAD_METHOD's; R[C] := bound R[B].__exit__", BEFORE_WITH, [method, src, dst], none, [RAISES, CALLS]),
            ("as BEFORE_WITH with __aenter__ and __aexit__", BEFORE_ASYNC_WITH, [method, src, dst], none, [RAISES, CALLS]),
            ("R[A+3..A+7] := R[B], type of R[C], R[C], its traceback: the call area of __exit__", WITH_EXCEPT_START, [exitarea, src, src], none, [RAISES]),

            // ---- pattern matching
            ("R[A] := is R[B] a sequence to patterns", MATCH_SEQUENCE, [dst, src, none], none, [PURE]),
            ("R[A] := is R[B] a mapping to patterns", MATCH_MAPPING, [dst, src, none], none, [PURE]),
            ("R[A] := tuple of the values of R[B] for the keys in the tuple R[C], or None", MATCH_KEYS, [dst, src, src], none, [RAISES, CALLS]),
            ("R[A] := tuple of the attributes of R[B] that a class pattern asks for, or None: R[B+1] the class, R[B+2] the tuple of names, C positional ones", MATCH_CLASS, [dst, srcrun3, count], none, [RAISES, CALLS]),
            ("R[A] := len(R[B])", GET_LEN, [dst, src, none], none, [RAISES, CALLS]),

            // ---- the virtual machine's own: never in a unit
            ("read the code object's unit from its image, then go to the unit's first word", PREPARE, [none, none, none], none, [TERM, RAISES]),
        }
    };
}

/// What an operand is. Registers and counts are widened by `EXT`, immediates are not.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[allow(non_camel_case_types)]
pub enum Role {
    /// Not used, zero.
    none,
    /// Register written.
    dst,
    /// Register written on the jump's path only.
    conddst,
    /// Register read.
    src,
    /// Register read, then written.
    inout,
    /// Unsigned 8-bit immediate.
    imm,
    /// Signed 8-bit immediate.
    simm,
    /// Signed 16-bit immediate in b and c.
    i16,
    /// Constant index in b and c.
    k16,
    /// Signed 24-bit jump in a, b and c.
    j24,
    /// Unsigned count.
    count,
    /// First of two registers read.
    srcrun2,
    /// First of two registers read if the `imm` in b is 1, else of one.
    srcrun2b,
    /// First of three registers read.
    srcrun3,
    /// First of `c` registers read.
    srcrun_c,
    /// First of `2c` registers read.
    srcrun_2c,
    /// First of two registers written.
    dstrun2,
    /// First of `c` registers written.
    dstrun_c,
    /// First of `a` registers written.
    dstrun_a,
    /// First of `c + 1 + ext` registers written.
    dstrun_c1x,
    /// Base of a call area: `+3` and `+4` are written.
    method,
    /// Base of a call area: `+3..+7` are written.
    exitarea,
    /// Base of a call area: `+3` and the `c` after it are read; it and all above are clobbered.
    callarea,
    /// As `callarea`, with self at `+4` before the `c` arguments.
    methodarea,
    /// Base of a call area: `+3`, `+4` and, with bit 0 of `c`, `+5` are read; all above is clobbered.
    exarea,
}

/// Meaning of the word that follows the instruction.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[allow(non_camel_case_types)]
pub enum Ext {
    /// There is none.
    none,
    /// Index into the code's cache sites.
    cache,
    /// Index into the names.
    name,
    /// Index into the constants.
    konst,
    /// Signed jump in words, from the next instruction.
    jump,
    /// A count.
    count,
}

/// Effects of an opcode, a bit set.
pub mod effect {
    /// No effect but the written registers.
    pub const PURE: u8 = 1;
    /// May raise.
    pub const RAISES: u8 = 2;
    /// May run Python code.
    pub const CALLS: u8 = 4;
    /// May jump.
    pub const JUMPS: u8 = 8;
    /// Never falls through.
    pub const TERM: u8 = 16;
    /// Polls for safepoints and signals (calls of functions poll in `RESUME`).
    pub const POLLS: u8 = 32;
}

/// The row of an opcode.
pub struct OpInfo {
    pub name: &'static str,
    pub doc: &'static str,
    pub roles: [Role; 3],
    pub ext: Ext,
    pub effects: u8,
}

macro_rules! define_ops {
    ($(($doc:literal, $name:ident, [$a:ident, $b:ident, $c:ident], $ext:ident, [$($fx:ident),*]),)*) => {
        /// An opcode.
        #[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
        #[allow(non_camel_case_types, clippy::upper_case_acronyms)]
        #[repr(u8)]
        pub enum Op { $(#[doc = $doc] $name,)* }

        /// All rows, by opcode number.
        pub static OPS: &[OpInfo] = &[$(OpInfo {
            name: stringify!($name),
            doc: $doc,
            roles: [Role::$a, Role::$b, Role::$c],
            ext: Ext::$ext,
            effects: 0 $(| effect::$fx)*,
        },)*];

        const ALL: &[Op] = &[$(Op::$name,)*];
    };
}
for_each_op!(define_ops);

/// How many opcodes there are.
pub const OP_COUNT: usize = ALL.len();
const _: () = assert!(OP_COUNT <= 256);

impl Op {
    /// The opcode numbered `byte`.
    pub fn from_byte(byte: u8) -> Option<Op> {
        ALL.get(byte as usize).copied()
    }

    /// This opcode's row.
    #[inline]
    pub fn info(self) -> &'static OpInfo {
        &OPS[self as usize]
    }

    /// The opcode's name.
    pub fn name(self) -> &'static str {
        self.info().name
    }

    /// Words of the instruction without a prefix.
    #[allow(clippy::len_without_is_empty)]
    #[inline]
    pub fn len(self) -> usize {
        1 + (self.info().ext != Ext::none) as usize
    }

    /// Has the effect bit.
    pub fn has(self, effect: u8) -> bool {
        self.info().effects & effect != 0
    }

    /// Does the opcode carry a jump of any form?
    pub fn is_jump(self) -> bool {
        self.info().ext == Ext::jump || self.info().roles[0] == Role::j24
    }
}

impl Role {
    /// Does `EXT` widen this operand?
    pub fn widens(self) -> bool {
        !matches!(self, Role::none | Role::imm | Role::simm | Role::i16 | Role::k16 | Role::j24)
    }
}

/// Functions of `CALL_INTRINSIC_1`, numbered as in CPython.
pub mod intrinsic1 {
    pub const PRINT: u8 = 1;
    pub const IMPORT_STAR: u8 = 2;
    pub const STOPITERATION_ERROR: u8 = 3;
    pub const TYPEVAR: u8 = 7;
    pub const PARAMSPEC: u8 = 8;
    pub const TYPEVARTUPLE: u8 = 9;
    pub const SUBSCRIPT_GENERIC: u8 = 10;
    pub const TYPEALIAS: u8 = 11;
}

/// Functions of `CALL_INTRINSIC_2`, numbered as in CPython.
pub mod intrinsic2 {
    pub const TYPEVAR_WITH_BOUND: u8 = 2;
    pub const TYPEVAR_WITH_CONSTRAINTS: u8 = 3;
    pub const SET_FUNCTION_TYPE_PARAMS: u8 = 4;
    pub const SET_TYPEPARAM_DEFAULT: u8 = 5;
}

/// One decoded instruction, its prefix merged in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Instr {
    pub op: Op,
    pub a: u16,
    pub b: u16,
    pub c: u16,
    /// The extension word, zero if the opcode has none.
    pub ext: u32,
    /// Words in all, prefix and extension included.
    pub len: u32,
}

impl Instr {
    /// The signed 16-bit immediate of the wide form.
    pub fn imm16(&self) -> i16 {
        (self.b | self.c << 8) as i16
    }

    /// The constant index of the wide form.
    pub fn k16(&self) -> u16 {
        self.b | self.c << 8
    }

    /// The jump's distance from the next instruction.
    pub fn jump(&self) -> Option<i32> {
        if self.op.info().ext == Ext::jump {
            return Some(self.ext as i32);
        }
        if self.op.info().roles[0] == Role::j24 {
            let raw = u32::from(self.a) | u32::from(self.b) << 8 | u32::from(self.c) << 16;
            return Some((raw << 8) as i32 >> 8);
        }
        None
    }

    fn operands(&self) -> [(Role, u32); 3] {
        let roles = self.op.info().roles;
        [
            (roles[0], u32::from(self.a)),
            (roles[1], u32::from(self.b)),
            (roles[2], u32::from(self.c)),
        ]
    }

    /// Calls `f(first, count)` for each run of registers that the instruction reads.
    pub fn for_each_read(&self, mut f: impl FnMut(u32, u32)) {
        let c = u32::from(self.c);
        for (role, r) in self.operands() {
            match role {
                Role::src | Role::inout => f(r, 1),
                Role::srcrun2 => f(r, 2),
                Role::srcrun2b => f(r, 1 + u32::from(self.b == 1)),
                Role::srcrun3 => f(r, 3),
                Role::srcrun_c => f(r, c),
                Role::srcrun_2c => f(r, 2 * c),
                Role::callarea => f(r + 3, 1 + c),
                Role::methodarea => f(r + 3, 2 + c),
                Role::exarea => f(r + 3, 2 + (c & 1)),
                _ => {}
            }
        }
        if matches!(
            self.op,
            Op::LOAD_NAME | Op::STORE_NAME | Op::DELETE_NAME | Op::SETUP_ANNOTATIONS
        ) {
            f(0, 1);
        }
    }

    /// Calls `f(first, count)` for each run of registers that the instruction writes on every path that goes on.
    pub fn for_each_write(&self, mut f: impl FnMut(u32, u32)) {
        let c = u32::from(self.c);
        for (role, r) in self.operands() {
            match role {
                Role::dst | Role::inout => f(r, 1),
                Role::dstrun2 => f(r, 2),
                Role::dstrun_c => f(r, c),
                Role::dstrun_a => f(r, u32::from(self.a)),
                Role::dstrun_c1x => f(r, c + 1 + self.ext),
                Role::method => f(r + 3, 2),
                Role::exitarea => f(r + 3, 4),
                _ => {}
            }
        }
    }

    /// One past the highest register that the instruction names or clobbers.
    pub fn register_end(&self) -> u32 {
        let mut end = 0;
        self.for_each_read(|r, n| end = end.max(r + n));
        self.for_each_write(|r, n| end = end.max(r + n));
        if self.op.info().roles[0] == Role::conddst {
            end = end.max(u32::from(self.a) + 1);
        }
        end
    }
}

/// Decodes the instruction at `pc`, which may start with a prefix. `None` for damaged code.
pub fn decode(code: &[u32], pc: usize) -> Option<Instr> {
    let mut at = pc;
    let mut hi = 0;
    let mut word = *code.get(at)?;
    if word as u8 == Op::EXT as u8 {
        hi = word;
        at += 1;
        word = *code.get(at)?;
    }
    let op = Op::from_byte(word as u8)?;
    if op == Op::EXT {
        return None;
    }
    let roles = op.info().roles;
    let operand = |i: usize| {
        let shift = 8 * (i as u32 + 1);
        let low = (word >> shift & 0xff) as u16;
        if roles[i].widens() { low | ((hi >> shift & 0xff) as u16) << 8 } else { low }
    };
    let ext = if op.len() == 2 { *code.get(at + 1)? } else { 0 };
    Some(Instr {
        op,
        a: operand(0),
        b: operand(1),
        c: operand(2),
        ext,
        len: (at - pc + op.len()) as u32,
    })
}
