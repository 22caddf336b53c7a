//! Writing what `__reduce_ex__` and its like give: how to make the object again.

use super::save::Saver;
use super::{given, op, pickling_error, state};
use taipan_vm::prelude::*;

/// The tuple's parts, checked.
struct Parts {
    callable: Value,
    args: &'static Tuple,
    state: Option<Value>,
    list_items: Option<Value>,
    dict_items: Option<Value>,
    state_setter: Option<Value>,
}

fn is_iterator(v: Value) -> bool {
    v.ty().slots().next.get().is_some()
}

impl Parts {
    fn of(cx: &Thread, t: &'static Tuple) -> Res<Parts> {
        if !(2..=6).contains(&t.len()) {
            return Err(pickling_error!(
                cx,
                "tuple returned by __reduce__ must contain 2 through 6 elements"
            ));
        }
        let part = |i: usize| t.as_slice().get(i).copied().and_then(given);
        let callable = t.get(0);
        if !is_callable(callable) {
            return Err(pickling_error!(
                cx,
                "first item of the tuple returned by __reduce__ must be callable"
            ));
        }
        let Some(args) = t.get(1).downcast::<Tuple>() else {
            return Err(pickling_error!(
                cx,
                "second item of the tuple returned by __reduce__ must be a tuple"
            ));
        };
        let (list_items, dict_items) = (part(3), part(4));
        for (v, which) in [(list_items, "fourth"), (dict_items, "fifth")] {
            if let Some(v) = v.filter(|v| !is_iterator(*v)) {
                return Err(pickling_error!(
                    cx,
                    "{which} element of the tuple returned by __reduce__ must be an iterator, not {}",
                    v.ty().name()
                ));
            }
        }
        let state_setter = part(5);
        if let Some(v) = state_setter.filter(|v| !is_callable(*v)) {
            return Err(pickling_error!(
                cx,
                "sixth element of the tuple returned by __reduce__ must be a function, not {}",
                v.ty().name()
            ));
        }
        Ok(Parts { callable, args, state: part(2), list_items, dict_items, state_setter })
    }
}

impl Saver<'_> {
    /// Writes the parts of `obj`; without one nothing is put into the memo.
    #[inline(never)]
    pub fn save_reduced(&mut self, t: &'static Tuple, obj: Option<Value>) -> Res<()> {
        let cx = self.cx;
        let parts = Parts::of(cx, t)?;
        let mut name = None;
        if self.proto >= 2 {
            let n = get_attr_opt(cx, parts.callable, id!(cx, "__name__"))?;
            name = n.and_then(|n| n.downcast::<Str>());
        }
        if name.is_some_and(|n| n.eq_str("__newobj_ex__")) {
            self.save_newobj_ex(parts.args)?;
        } else if name.is_some_and(|n| n.eq_str("__newobj__")) {
            self.save_newobj(parts.args, obj)?;
        } else {
            self.save(parts.callable)?;
            self.save(Value::from_ref(parts.args))?;
            self.put(&[op::REDUCE])?;
        }
        if let Some(obj) = obj {
            // Already there: it is part of itself. What lies on the stack goes.
            if let Some(number) = self.memo.get(obj) {
                self.put(&[op::POP])?;
                return self.get(number);
            }
            self.memoize(obj)?;
        }
        if let Some(it) = parts.list_items {
            self.save_appends(it)?;
        }
        if let Some(it) = parts.dict_items {
            self.save_setitems(it)?;
        }
        match (parts.state, parts.state_setter) {
            (None, _) => Ok(()),
            (Some(state), None) => {
                self.save(state)?;
                self.put(&[op::BUILD])
            }
            (Some(state), Some(f)) => {
                // `f(obj, state)`, whose result is dropped.
                self.save(f)?;
                self.save(obj.unwrap_or(none()))?;
                self.save(state)?;
                self.put(&[op::TUPLE2])?;
                self.put(&[op::REDUCE])?;
                self.put(&[op::POP])
            }
        }
    }

    /// `cls.__new__(cls, *args)`.
    fn save_newobj(&mut self, args: &'static Tuple, obj: Option<Value>) -> Res<()> {
        let cx = self.cx;
        if args.is_empty() {
            return Err(pickling_error!(cx, "__newobj__ arglist is empty"));
        }
        let class = args.get(0);
        if class.as_type().is_none() {
            return Err(pickling_error!(cx, "args[0] from __newobj__ args is not a type"));
        }
        if let Some(obj) = obj {
            let own = get_attr_opt(cx, obj, id!(cx, "__class__"))?;
            if own.unwrap_or(Value::from_ref(obj.ty())) != class {
                return Err(pickling_error!(
                    cx,
                    "args[0] from __newobj__ args has the wrong class"
                ));
            }
        }
        self.save(class)?;
        let rest = Tuple::from_slice(cx, &args.as_slice()[1..]);
        self.save(Value::from_ref(rest))?;
        self.put(&[op::NEWOBJ])
    }

    /// `cls.__new__(cls, *args, **kwargs)`.
    fn save_newobj_ex(&mut self, parts: &'static Tuple) -> Res<()> {
        let cx = self.cx;
        let &[class, args, kwargs] = parts.as_slice() else {
            return Err(pickling_error!(
                cx,
                "length of the NEWOBJ_EX argument tuple must be exactly 3, not {}",
                parts.len()
            ));
        };
        let wrong = |which: &str, what: &str, v: Value| {
            pickling_error!(
                cx,
                "{which} item from NEWOBJ_EX argument tuple must be a {what}, not {}",
                v.ty().name()
            )
        };
        if class.as_type().is_none() {
            return Err(wrong("first", "class", class));
        }
        let Some(arguments) = args.downcast::<Tuple>() else {
            return Err(wrong("second", "tuple", args));
        };
        let Some(keywords) = kwargs.downcast::<Dict>() else {
            return Err(wrong("third", "dict", kwargs));
        };
        if self.proto >= 4 {
            self.save(class)?;
            self.save(args)?;
            self.save(kwargs)?;
            return self.put(&[op::NEWOBJ_EX]);
        }
        let mut all = GcVec::with_capacity(arguments.len() + 2);
        all.push(get_attr(cx, class, id!(cx, "__new__"))?);
        all.push(class);
        all.extend(arguments.as_slice().iter().copied());
        let partial = call_dict(cx, state().partial.value(), &all, Some(keywords))?;
        self.save(partial)?;
        self.save(Value::from_ref(Tuple::empty(cx)))?;
        self.put(&[op::REDUCE])
    }
}
