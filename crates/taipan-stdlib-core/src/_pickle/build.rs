//! The opcodes that work on what is on the stack: filling containers, finding classes, making instances and
//! giving them their state.

use super::load::Loader;
use super::{globals, state, table, unpickling_error};
use taipan_vm::modules::sys::audit_event;
use taipan_vm::objects::descr::GetSet;
use taipan_vm::objects::set::{FrozenSet, Set, SetObject};
use taipan_vm::objects::str::intern_str;
use taipan_vm::prelude::*;
use taipan_vm::types::attr::instance_set;

#[cold]
pub fn no_persistent_load(cx: &Thread) -> Raised {
    unpickling_error!(
        cx,
        "A load persistent id instruction was encountered, but no persistent_load function was specified."
    )
}

/// `Unpickler.find_class`: what a module has under a name.
pub fn find_class(cx: &Thread, proto: u8, fix: bool, module: Value, name: Value) -> Res {
    audit_event(cx, "pickle.find_class", || [module, name])?;
    let (module, name) =
        if proto < 3 && fix { new_names(cx, module, name)? } else { (module, name) };
    let holder = globals::import_module(cx, module)?;
    let found = if proto >= 4 {
        let path = globals::dotted_path(cx, Some(holder), name)?;
        globals::deep_attribute(cx, holder, &path)?.map(|(v, _)| v)
    } else {
        let Some(n) = name.downcast::<Str>() else {
            let got = name.ty().name();
            raise!(cx, TypeError, "attribute name must be string, not '{got}'");
        };
        get_attr_opt(cx, holder, intern_str(cx, n))?
    };
    match found {
        Some(v) => Ok(v),
        None => {
            let (n, h) = (repr(cx, name)?, repr(cx, holder)?);
            raise!(cx, AttributeError, "Can't get attribute {n} on {h}")
        }
    }
}

/// The names that Python 3 has for something of Python 2's.
fn new_names(cx: &Thread, module: Value, name: Value) -> Res<(Value, Value)> {
    let key = Value::from_ref(Tuple::pair(cx, module, name));
    if let Some(item) = table(&state().names_2to3).get(cx, key)? {
        let Some(pair) = item.downcast::<Tuple>().filter(|t| t.len() == 2) else {
            let got = item.ty().name();
            raise!(
                cx,
                RuntimeError,
                "_compat_pickle.NAME_MAPPING values should be 2-tuples, not {got}"
            );
        };
        let (m, n) = (pair.get(0), pair.get(1));
        if m.downcast::<Str>().is_none() || n.downcast::<Str>().is_none() {
            raise!(
                cx,
                RuntimeError,
                "_compat_pickle.NAME_MAPPING values should be pairs of str, not ({}, {})",
                m.ty().name(),
                n.ty().name()
            );
        }
        return Ok((m, n));
    }
    match table(&state().modules_2to3).get(cx, module)? {
        Some(m) if m.downcast::<Str>().is_none() => {
            let got = m.ty().name();
            raise!(
                cx,
                RuntimeError,
                "_compat_pickle.IMPORT_MAPPING values should be strings, not {got}"
            )
        }
        Some(m) => Ok((m, name)),
        None => Ok((module, name)),
    }
}

/// `cls(*args)`, for the opcodes of old-style classes: without arguments `__init__` is not called.
fn instantiate(cx: &Thread, class: Value, args: &Tuple) -> Res {
    if args.is_empty()
        && class.as_type().is_some()
        && get_attr_opt(cx, class, id!(cx, "__getinitargs__"))?.is_none()
    {
        return call_method(cx, class, id!(cx, "__new__"), &[class]);
    }
    call(cx, class, args.as_slice())
}

impl Loader<'_> {
    fn find(&mut self, module: Value, name: Value) -> Res {
        let cx = self.cx;
        match self.unpickler.map(|u| Value::from_ref(u)) {
            Some(u) => call_method(cx, u, id!(cx, "find_class"), &[module, name]),
            None => find_class(cx, self.proto, self.fix_imports, module, name),
        }
    }

    pub fn stack_global(&mut self) -> Res<()> {
        let name = self.pop()?;
        let module = self.pop()?;
        if module.downcast_exact::<Str>().is_none() || name.downcast_exact::<Str>().is_none() {
            return Err(unpickling_error!(self.cx, "STACK_GLOBAL requires str"));
        }
        let v = self.find(module, name)?;
        self.stack.push(v);
        Ok(())
    }

    /// A line with a name, in UTF-8 or in ASCII.
    fn name_line(&mut self, ascii: bool) -> Res {
        let cx = self.cx;
        let line = self.source.full_line(cx)?;
        let data = &line[..line.len() - 1];
        let bytes = Value::from_ref(Bytes::new(cx, data));
        let encoding = if ascii { id!(cx, "ascii") } else { id!(cx, "utf-8") };
        taipan_vm::codecs::decode_bytes(cx, bytes, data, Some(encoding), None)
    }

    pub fn global(&mut self) -> Res<()> {
        let module = self.name_line(false)?;
        let name = self.name_line(false)?;
        let v = self.find(module, name)?;
        self.stack.push(v);
        Ok(())
    }

    pub fn inst(&mut self) -> Res<()> {
        let at = self.marker()?;
        let module = self.name_line(true)?;
        let name = self.name_line(true)?;
        let class = self.find(module, name)?;
        let args = self.pop_tuple(at)?;
        let v = instantiate(self.cx, class, args)?;
        self.stack.push(v);
        Ok(())
    }

    pub fn obj(&mut self) -> Res<()> {
        let at = self.marker()?;
        if self.stack.len() <= at {
            return Err(self.underflow());
        }
        let args = self.pop_tuple(at + 1)?;
        let class = self.pop()?;
        let v = instantiate(self.cx, class, args)?;
        self.stack.push(v);
        Ok(())
    }

    /// `cls.__new__(cls, *args)`, with keywords or without.
    pub fn newobj(&mut self, keywords: bool) -> Res<()> {
        let cx = self.cx;
        let op = if keywords { "NEWOBJ_EX" } else { "NEWOBJ" };
        let kwargs = if keywords { Some(self.pop()?) } else { None };
        let args = self.pop()?;
        let class = self.pop()?;
        let Some(t) = class.as_type() else {
            return Err(unpickling_error!(
                cx,
                "{op} class argument must be a type, not {}",
                class.ty().name()
            ));
        };
        let Some(new) = t.slots().new.get() else {
            return Err(unpickling_error!(
                cx,
                "{op} class argument '{}' doesn't have __new__",
                class.ty().name()
            ));
        };
        let Some(args) = args.downcast::<Tuple>() else {
            return Err(unpickling_error!(
                cx,
                "{op} args argument must be a tuple, not {}",
                args.ty().name()
            ));
        };
        let v = match kwargs {
            None => new(cx, t, args.as_slice(), None)?,
            Some(k) => {
                let Some(d) = k.downcast::<Dict>() else {
                    return Err(unpickling_error!(
                        cx,
                        "{op} kwargs argument must be a dict, not {}",
                        k.ty().name()
                    ));
                };
                let mut all: GcVec<Value> = args.as_slice().iter().copied().collect();
                let mut names = GcVec::new();
                for (k, v) in d.entries().iter() {
                    if k.downcast::<Str>().is_none() {
                        raise!(cx, TypeError, "keywords must be strings");
                    }
                    names.push(*k);
                    all.push(*v);
                }
                let names = Tuple::from_slice(cx, &names);
                new(cx, t, &all, if names.is_empty() { None } else { Some(names) })?
            }
        };
        self.stack.push(v);
        Ok(())
    }

    pub fn reduce(&mut self) -> Res<()> {
        let cx = self.cx;
        let args = self.pop()?;
        let f = self.pop()?;
        let Some(args) = args.downcast::<Tuple>() else {
            raise!(cx, TypeError, "argument list must be a tuple");
        };
        let v = call(cx, f, args.as_slice())?;
        self.stack.push(v);
        Ok(())
    }

    pub fn append_one(&mut self) -> Res<()> {
        match self.stack.len().checked_sub(1) {
            Some(at) if at > self.fence => self.append(at),
            _ => Err(self.underflow()),
        }
    }

    /// Appends what lies from `at` on to the list before it.
    #[inline]
    pub fn append(&mut self, at: usize) -> Res<()> {
        let cx = self.cx;
        if at > self.stack.len() || at <= self.fence {
            return Err(self.underflow());
        }
        if at == self.stack.len() {
            return Ok(());
        }
        let list = self.stack[at - 1];
        if let Some(l) = list.downcast_exact::<List>() {
            l.extend_from_slice(cx, &self.stack[at..])?;
            self.stack.truncate(at);
            return Ok(());
        }
        if let Some(extend) = get_attr_opt(cx, list, id!(cx, "extend"))? {
            let items = List::from_slice(cx, &self.stack[at..]);
            self.stack.truncate(at);
            call(cx, extend, &[Value::from_ref(items)])?;
            return Ok(());
        }
        let append = get_attr(cx, list, id!(cx, "append"))?;
        self.each_from(at, append)
    }

    /// Calls a function with each of the values from `at` on, which are taken off.
    fn each_from(&mut self, at: usize, f: Value) -> Res<()> {
        for i in at..self.stack.len() {
            call(self.cx, f, &[self.stack[i]])?;
        }
        self.stack.truncate(at);
        Ok(())
    }

    /// Stores the pairs from `at` on into the mapping before them.
    #[inline]
    pub fn set_items(&mut self, at: usize) -> Res<()> {
        let cx = self.cx;
        if at > self.stack.len() || at <= self.fence {
            return Err(self.underflow());
        }
        let mapping = self.stack[at - 1];
        let items = &self.stack[at..];
        if !items.len().is_multiple_of(2) {
            return Err(unpickling_error!(cx, "odd number of items for SETITEMS"));
        }
        match mapping.downcast_exact::<Dict>() {
            Some(d) => {
                for kv in items.chunks_exact(2) {
                    d.set(cx, kv[0], kv[1])?;
                }
            }
            None => {
                for kv in items.chunks_exact(2) {
                    set_item(cx, mapping, kv[0], kv[1])?;
                }
            }
        }
        self.stack.truncate(at);
        Ok(())
    }

    pub fn dict(&mut self) -> Res<()> {
        let cx = self.cx;
        let at = self.marker()?;
        let d = Dict::new(cx);
        let items = &self.stack[at..];
        if !items.len().is_multiple_of(2) {
            return Err(unpickling_error!(cx, "odd number of items for DICT"));
        }
        for kv in items.chunks_exact(2) {
            d.set(cx, kv[0], kv[1])?;
        }
        self.stack.truncate(at);
        self.stack.push(Value::from_ref(d));
        Ok(())
    }

    pub fn add_items(&mut self) -> Res<()> {
        let cx = self.cx;
        let at = self.marker()?;
        if at > self.stack.len() || at <= self.fence {
            return Err(self.underflow());
        }
        if at == self.stack.len() {
            return Ok(());
        }
        let set = self.stack[at - 1];
        if set.downcast::<Set>().is_some()
            && let Some(s) = SetObject::of(set)
        {
            for v in &self.stack[at..] {
                s.add(cx, *v)?;
            }
            self.stack.truncate(at);
            return Ok(());
        }
        let add = get_attr(cx, set, id!(cx, "add"))?;
        self.each_from(at, add)
    }

    pub fn frozenset(&mut self) -> Res<()> {
        let at = self.marker()?;
        let s = FrozenSet::from_slice(self.cx, &self.stack[at..])?;
        self.stack.truncate(at);
        self.stack.push(s);
        Ok(())
    }

    /// An object of the extension registry.
    pub fn extension<const N: usize>(&mut self) -> Res<()> {
        let cx = self.cx;
        let bytes = self.source.array::<N>(cx)?;
        let code = bytes.iter().rev().fold(0u64, |n, b| n << 8 | *b as u64);
        let code = if N == 4 { code as u32 as i32 as i64 } else { code as i64 };
        if code <= 0 {
            return Err(unpickling_error!(cx, "EXT specifies code <= 0"));
        }
        let key = Value::small(code);
        let cache = table(&state().extension_cache);
        if let Some(v) = cache.get(cx, key)? {
            self.stack.push(v);
            return Ok(());
        }
        let Some(names) = table(&state().inverted_registry).get(cx, key)? else {
            raise!(cx, ValueError, "unregistered extension code {code}");
        };
        let pair = names
            .downcast::<Tuple>()
            .filter(|t| t.len() == 2 && t.as_slice().iter().all(|v| v.downcast::<Str>().is_some()));
        let Some(pair) = pair else {
            raise!(cx, ValueError, "_inverted_registry[{code}] isn't a 2-tuple of strings");
        };
        let v = self.find(pair.get(0), pair.get(1))?;
        cache.set(cx, key, v)?;
        self.stack.push(v);
        Ok(())
    }

    /// Gives the object below it the state on top.
    pub fn build(&mut self) -> Res<()> {
        let cx = self.cx;
        if self.stack.len() < self.fence + 2 {
            return Err(self.underflow());
        }
        let given = self.pop()?;
        let obj = self.stack[self.stack.len() - 1];
        if let Some(f) = get_attr_opt(cx, obj, id!(cx, "__setstate__"))? {
            call(cx, f, &[given])?;
            return Ok(());
        }
        let (state, slots) = match given.downcast::<Tuple>().map(|t| t.as_slice()) {
            Some(&[a, b]) => (a, Some(b)),
            _ => (given, None),
        };
        if !state.is_none() {
            let Some(d) = state.downcast::<Dict>() else {
                return Err(unpickling_error!(cx, "state is not a dictionary"));
            };
            set_state(cx, obj, d)?;
        }
        if let Some(slots) = slots {
            let Some(d) = slots.downcast::<Dict>() else {
                return Err(unpickling_error!(cx, "slot state is not a dictionary"));
            };
            for (k, v) in d.entries().iter() {
                let Some(name) = k.downcast::<Str>() else {
                    let got = k.ty().name();
                    raise!(cx, TypeError, "attribute name must be string, not '{got}'");
                };
                set_attr(cx, obj, intern_str(cx, name), Some(*v))?;
            }
        }
        Ok(())
    }
}

/// Whether `obj.__dict__` is the instance's own attributes and nothing else.
fn has_plain_dict(cx: &Thread, obj: Value) -> bool {
    use std::sync::atomic::Ordering::Relaxed;
    let t = obj.ty();
    let layout = &t.info().layout;
    let getset = |v: Value| v.downcast_exact::<GetSet>().is_some();
    layout.has_dict.load(Relaxed)
        && layout.generic_getattr.load(Relaxed)
        && t.has_feature(tpflags::HEAPTYPE)
        && t.lookup(cx, id!(cx, "__dict__")).is_some_and(getset)
}

/// Adds a state to the `__dict__` of an instance.
fn set_state(cx: &Thread, obj: Value, state: &Dict) -> Res<()> {
    let plain = has_plain_dict(cx, obj);
    let mut target = None;
    let mut at = 0;
    while let Some((k, v, next)) = state.next_entry(at) {
        at = next;
        let name = k.downcast_exact::<Str>().map(|s| intern_str(cx, s));
        if plain && let Some(n) = name {
            instance_set(cx, obj, n, v)?;
            continue;
        }
        let d = match target {
            Some(d) => d,
            None => *target.insert(get_attr(cx, obj, id!(cx, "__dict__"))?),
        };
        set_item(cx, d, name.map_or(k, |n| Value::from_ref(n)), v)?;
    }
    if state.is_empty() && !plain {
        get_attr(cx, obj, id!(cx, "__dict__"))?;
    }
    Ok(())
}
