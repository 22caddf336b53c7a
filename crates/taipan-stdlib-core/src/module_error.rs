//! An exception class that a native module makes when it is first imported.

use std::sync::OnceLock;
use taipan_vm::prelude::*;

pub struct ModuleError(OnceLock<Root<Value>>);

impl ModuleError {
    pub const fn new() -> ModuleError {
        ModuleError(OnceLock::new())
    }

    /// Makes the class once and adds it to a module.
    pub fn add(
        &self,
        cx: &Thread,
        m: &Module,
        module: &str,
        name: &str,
        base: &Type,
    ) -> Res<Value> {
        let namespace = Dict::new(cx);
        namespace.set_str(cx, id!(cx, "__module__"), Value::from_ref(Str::new(cx, module)));
        let bases = Tuple::from_slice(cx, &[Value::from_ref(base)]);
        let args = [
            Value::from_ref(Str::new(cx, name)),
            Value::from_ref(bases),
            Value::from_ref(namespace),
        ];
        let class = call(cx, Value::from_ref(Type::type_object()), &args)?;
        let class = self.0.get_or_init(|| Root::new(class)).get();
        m.add(cx, name, class);
        Ok(class)
    }

    pub fn class(&self) -> Value {
        self.0.get().expect("made when the module was imported").get()
    }

    /// The exception with a message.
    #[cold]
    pub fn raise(&self, cx: &Thread, message: &str) -> Raised {
        match call(cx, self.class(), &[Value::from_ref(Str::new(cx, message))]) {
            Ok(e) => Raised(e),
            Err(e) => e,
        }
    }
}
