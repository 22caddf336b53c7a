//! `_ast`: the node classes of the abstract syntax, and the way of trees to Python objects and back.
//!
//! `nodes`, `to_python` and `from_python` are written by `gen/make_ast.py`; `convert` holds what they
//! call. The classes are made once and kept by roots, so conversions do not depend on what a program
//! does to the module.

mod convert;
mod from_python;
mod hook;
mod nodes;
mod to_python;

use nodes::NODES;
use std::collections::HashMap;
use std::sync::OnceLock;
use std::sync::atomic::Ordering;
use taipan_vm::objects::{generic_alias, union};
use taipan_vm::prelude::*;
use taipan_vm::pytype;
use taipan_vm::types::ready::ready;

pub use hook::HOOK;

#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Quant {
    One,
    Optional,
    Many,
}

pub struct Field {
    pub name: &'static str,
    pub ty: &'static str,
    pub quant: Quant,
}

pub struct Node {
    pub name: &'static str,
    /// Index of the sum type's class.
    pub base: Option<usize>,
    pub fields: &'static [Field],
    /// `None`: inherited.
    pub attributes: Option<&'static [Field]>,
    pub is_abstract: bool,
    pub doc: &'static str,
}

#[repr(C)]
pub struct Ast {
    pub head: Head,
}

pytype! { Ast, PyTaipanAST_Type, name: "AST", module: "ast", base: taipan_vm::objects::object::Object,
flags: tpflags::BASETYPE, dict: true, weakref: true }

/// The classes, by index of `NODES`, and what belongs to them.
pub struct Classes {
    classes: Root<&'static Tuple>,
    /// One shared instance for each operator and context, at its class's index; else None.
    singletons: Root<&'static Tuple>,
    by_address: HashMap<usize, usize>,
}

static CLASSES: OnceLock<Classes> = OnceLock::new();

impl Classes {
    pub fn get(cx: &Thread) -> Res<&'static Classes> {
        match CLASSES.get() {
            Some(c) => Ok(c),
            None => {
                let c = make_classes(cx)?;
                // Of two threads' classes the first ones stay.
                Ok(CLASSES.get_or_init(|| c))
            }
        }
    }

    pub fn class(&self, i: usize) -> &'static Type {
        self.classes.get().get(i).as_type().expect("the tuple holds classes")
    }

    pub fn singleton(&self, i: usize) -> Value {
        self.singletons.get().get(i)
    }

    /// The node class that an object is an instance of.
    pub fn index_of(&self, v: Value) -> Option<usize> {
        let mro = v.ty().mro().as_slice();
        mro.iter().find_map(|t| self.by_address.get(&(t.bits() as usize)).copied())
    }
}

fn str_value(cx: &Thread, s: &str) -> Value {
    Value::from_ref(taipan_vm::objects::str::intern(cx, s))
}

fn names(cx: &Thread, fields: &[Field]) -> Value {
    let items: GcVec<Value> = fields.iter().map(|f| str_value(cx, f.name)).collect();
    Value::from_ref(Tuple::from_slice(cx, &items))
}

fn make_classes(cx: &Thread) -> Res<Classes> {
    let base = ready::<Ast>(cx);
    // Programs may change the class, as CPython's is a heap type.
    base.tp_flags.fetch_and(!tpflags::IMMUTABLETYPE, Ordering::AcqRel);
    let empty = Value::from_ref(Tuple::empty(cx));
    for n in ["_fields", "__match_args__", "_attributes"] {
        set_attr(cx, Value::from_ref(base), taipan_vm::objects::str::intern(cx, n), Some(empty))?;
    }
    let mut made: GcVec<Value> = GcVec::with_capacity(NODES.len());
    for node in NODES {
        let parent = node.base.map_or(Value::from_ref(base), |i| made[i]);
        made.push(make_class(cx, node, parent)?);
    }
    for (i, node) in NODES.iter().enumerate() {
        if !node.is_abstract {
            add_types(cx, made[i], node, &made)?;
        }
    }
    let mut single: GcVec<Value> = GcVec::with_capacity(NODES.len());
    for (i, node) in NODES.iter().enumerate() {
        let plain = node.fields.is_empty() && !node.is_abstract;
        let in_simple_sum = node.base.is_some_and(|b| {
            NODES.iter().filter(|n| n.base == Some(b)).all(|n| n.fields.is_empty())
        });
        let make = plain && in_simple_sum;
        single.push(if make {
            cx.alloc_instance(made[i].as_type().expect("a class"))
        } else {
            none()
        });
    }
    let by_address = made.iter().enumerate().map(|(i, t)| (t.bits() as usize, i)).collect();
    Ok(Classes {
        classes: Root::new(Tuple::from_slice(cx, &made)),
        singletons: Root::new(Tuple::from_slice(cx, &single)),
        by_address,
    })
}

fn make_class(cx: &Thread, node: &Node, parent: Value) -> Res {
    let d = Dict::new(cx);
    let fields = names(cx, node.fields);
    d.set_str(cx, id!(cx, "_fields"), fields);
    d.set_str(cx, id!(cx, "__match_args__"), fields);
    d.set_str(cx, id!(cx, "__module__"), str_value(cx, "ast"));
    d.set_str(cx, id!(cx, "__doc__"), Value::from_ref(Str::new(cx, node.doc)));
    if let Some(attributes) = node.attributes {
        d.set_str(cx, id!(cx, "_attributes"), names(cx, attributes));
        for a in attributes.iter().filter(|a| a.quant == Quant::Optional) {
            d.set_str(cx, taipan_vm::objects::str::intern(cx, a.name), none());
        }
    }
    for f in node.fields.iter().filter(|f| f.quant == Quant::Optional) {
        d.set_str(cx, taipan_vm::objects::str::intern(cx, f.name), none());
    }
    let bases = Value::from_ref(Tuple::from_slice(cx, &[parent]));
    let args = [str_value(cx, node.name), bases, Value::from_ref(d)];
    call(cx, Value::from_ref(Type::type_object()), &args)
}

/// `_field_types`, which tells the constructor what to do about missing fields.
fn add_types(cx: &Thread, class: Value, node: &Node, made: &[Value]) -> Res<()> {
    let d = Dict::new(cx);
    for f in node.fields {
        let ty = match f.ty {
            "identifier" | "string" => Value::from_ref(Str::type_object()),
            "int" => Value::from_ref(taipan_vm::objects::int::int_type()),
            "constant" => Value::from_ref(taipan_vm::objects::object::Object::type_object()),
            name => {
                let i = NODES.iter().position(|n| n.name == name);
                made[i.expect("every type of the grammar is in the table")]
            }
        };
        let ty = match f.quant {
            Quant::One => ty,
            Quant::Optional => union::make(cx, &[ty, none()])?,
            Quant::Many => generic_alias::new(cx, Value::from_ref(List::type_object()), ty)?,
        };
        d.set_str(cx, taipan_vm::objects::str::intern(cx, f.name), ty);
    }
    set_attr(cx, class, id!(cx, "_field_types"), Some(Value::from_ref(d)))?;
    set_attr(cx, class, id!(cx, "__annotations__"), Some(Value::from_ref(d)))
}

/// The field names of a node's class: any sequence.
fn fields_of(cx: &Thread, ty: &Type) -> Res<GcVec<Value>> {
    let f = get_attr(cx, Value::from_ref(ty), id!(cx, "_fields"))?;
    collect(cx, f)
}

fn attr_name(cx: &Thread, v: Value) -> Res<&'static Str> {
    match v.downcast::<Str>() {
        Some(s) => Ok(s),
        None => raise!(cx, TypeError, "attribute name must be string, not '{}'", v.ty().name()),
    }
}

fn position(cx: &Thread, items: &[Value], v: Value) -> Res<Option<usize>> {
    for (i, &x) in items.iter().enumerate() {
        if eq(cx, x, v)? {
            return Ok(Some(i));
        }
    }
    Ok(None)
}

/// What a field gets that the constructor was not given.
fn set_missing(cx: &Thread, this: Value, field_types: &Dict, name: Value) -> Res<()> {
    let tp = this.ty().name();
    let field = attr_name(cx, name)?;
    let Some(ty) = field_types.get(cx, name)? else {
        return taipan_vm::objects::warn_deprecated(
            cx,
            &format!(
                "Field '{field}' is missing from {tp}._field_types. This will become an error in Python 3.15."
            ),
        );
    };
    if union::union_args(ty).is_some() {
        // Optional: the class has None.
        return Ok(());
    }
    if ty.downcast_exact::<generic_alias::GenericAlias>().is_some() {
        return set_attr(cx, this, field, Some(Value::from_ref(List::new(cx))));
    }
    let classes = Classes::get(cx)?;
    if ty == Value::from_ref(classes.class(nodes::EXPR_CONTEXT_)) {
        return set_attr(cx, this, field, Some(classes.singleton(nodes::LOAD)));
    }
    taipan_vm::objects::warn_deprecated(
        cx,
        &format!(
            "{tp}.__init__ missing 1 required positional argument: '{field}'. This will become an error in Python 3.15."
        ),
    )
}

#[pymethods]
impl Ast {
    #[slot]
    fn __new__(cx: &Thread, cls: &Type, _args: &[Value], _kw: KwNames<'_>) -> Res {
        Ok(cx.alloc_instance(cls))
    }

    #[slot]
    fn __init__(cx: &Thread, this: &Ast, args: &[Value], kw: KwNames<'_>) -> Res<()> {
        let this = Value::from_ref(this);
        let tp = this.ty();
        let fields = fields_of(cx, tp)?;
        let keywords = kw.map_or(0, |k| k.len());
        let (positional, values) = args.split_at(args.len() - keywords);
        if positional.len() > fields.len() {
            raise!(
                cx,
                TypeError,
                "{} constructor takes at most {} positional argument{}",
                tp.name(),
                fields.len(),
                if fields.len() == 1 { "" } else { "s" }
            );
        }
        let mut given: Vec<bool> = vec![false; fields.len()];
        for (i, &v) in positional.iter().enumerate() {
            set_attr(cx, this, attr_name(cx, fields[i])?, Some(v))?;
            given[i] = true;
        }
        let mut attributes: Option<GcVec<Value>> = None;
        for (i, &v) in values.iter().enumerate() {
            let key = kw.expect("there are keywords").get(i);
            let name = attr_name(cx, key)?;
            if let Some(at) = position(cx, &fields, key)? {
                if std::mem::replace(&mut given[at], true) {
                    raise!(
                        cx,
                        TypeError,
                        "{} got multiple values for argument '{name}'",
                        tp.name()
                    );
                }
            } else {
                if attributes.is_none() {
                    let a = get_attr(cx, Value::from_ref(tp), id!(cx, "_attributes"))?;
                    attributes = Some(collect(cx, a)?);
                }
                let known = attributes.as_ref().expect("just filled");
                if position(cx, known, key)?.is_none() {
                    taipan_vm::objects::warn_deprecated(
                        cx,
                        &format!(
                            "{}.__init__ got an unexpected keyword argument '{name}'. Support for arbitrary keyword arguments is deprecated and will be removed in Python 3.15.",
                            tp.name()
                        ),
                    )?;
                }
            }
            set_attr(cx, this, name, Some(v))?;
        }
        if given.iter().all(|g| *g) {
            return Ok(());
        }
        let types = get_attr_opt(cx, Value::from_ref(tp), id!(cx, "_field_types"))?;
        // A program's own subclass without types: missing fields just do not exist.
        let Some(types) = types.and_then(|t| t.downcast::<Dict>()) else { return Ok(()) };
        for i in 0..fields.len() {
            if !given[i] {
                set_missing(cx, this, types, fields[i])?;
            }
        }
        Ok(())
    }

    /// Support for pickle: the fields are restored from the dict, the constructor gets Nones.
    #[pymethod]
    fn __reduce__(cx: &Thread, this: &Ast) -> Res {
        let this = Value::from_ref(this);
        let ty = Value::from_ref(this.ty());
        let Some(d) = get_attr_opt(cx, this, id!(cx, "__dict__"))? else {
            let empty = Value::from_ref(Tuple::empty(cx));
            return Ok(Value::from_ref(Tuple::from_slice(cx, &[ty, empty])));
        };
        let mut blank: GcVec<Value> = GcVec::new();
        if let Some(fields) = get_attr_opt(cx, ty, id!(cx, "_fields"))? {
            for &name in collect(cx, fields)?.iter() {
                if !contains(cx, d, name)? {
                    break;
                }
                blank.push(none());
            }
        }
        let args = Value::from_ref(Tuple::from_slice(cx, &blank));
        Ok(Value::from_ref(Tuple::from_slice(cx, &[ty, args, d])))
    }
}

fn exec(cx: &Thread, m: &Module) -> Res<()> {
    use taipan_vm::source::pycf;
    let classes = Classes::get(cx)?;
    m.add(cx, "AST", Value::from_ref(Ast::type_object()));
    for (i, node) in NODES.iter().enumerate() {
        m.add(cx, node.name, Value::from_ref(classes.class(i)));
    }
    m.add_int(cx, "PyCF_ALLOW_TOP_LEVEL_AWAIT", pycf::ALLOW_TOP_LEVEL_AWAIT as i64);
    m.add_int(cx, "PyCF_ONLY_AST", pycf::ONLY_AST as i64);
    m.add_int(cx, "PyCF_TYPE_COMMENTS", pycf::TYPE_COMMENTS as i64);
    m.add_int(cx, "PyCF_OPTIMIZED_AST", pycf::OPTIMIZED_AST as i64);
    Ok(())
}

pymodule! { "_ast",
doc: "The node classes of the abstract syntax, for ast.",
functions: [],
exec: exec }
