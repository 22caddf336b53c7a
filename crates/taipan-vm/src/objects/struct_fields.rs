//! Which attributes of builtin types are fields of CPython's structs (`tp_members`): their
//! descriptors are member_descriptors, and assigning to one that is read-only says just that.
//!
//! A table of facts beside the getters, since a getter says nothing about CPython's layout.

fn fields(ty: &str) -> &'static [&'static str] {
    match ty {
        "type" => &[
            "__base__",
            "__basicsize__",
            "__dictoffset__",
            "__flags__",
            "__itemsize__",
            "__weakrefoffset__",
        ],
        "async_generator" => &["ag_running"],
        "builtin_function_or_method" => &["__module__"],
        "classmethod" | "staticmethod" => &["__func__", "__wrapped__"],
        "classmethod_descriptor"
        | "getset_descriptor"
        | "member_descriptor"
        | "method_descriptor"
        | "wrapper_descriptor" => &["__name__", "__objclass__"],
        "code" => &[
            "co_argcount",
            "co_consts",
            "co_exceptiontable",
            "co_filename",
            "co_firstlineno",
            "co_flags",
            "co_kwonlyargcount",
            "co_linetable",
            "co_name",
            "co_names",
            "co_nlocals",
            "co_posonlyargcount",
            "co_qualname",
            "co_stacksize",
        ],
        "complex" => &["imag", "real"],
        "ContextVar" => &["name"],
        "coroutine" => &["cr_origin"],
        "frame" => &["f_trace_lines"],
        "function" => &["__builtins__", "__closure__", "__doc__", "__globals__", "__module__"],
        "instancemethod" => &["__func__"],
        "method" => &["__func__", "__self__"],
        "method-wrapper" => &["__self__"],
        "module" | "SimpleNamespace" => &["__dict__"],
        "property" => &["__doc__", "fdel", "fget", "fset"],
        "range" | "slice" => &["start", "step", "stop"],
        "super" => &["__self__", "__self_class__", "__thisclass__"],
        "traceback" => &["tb_frame", "tb_lasti"],
        "GenericAlias" => &["__args__", "__origin__", "__unpacked__"],
        "UnionType" => &["__args__"],
        "ReferenceType" => &["__callback__"],
        "TypeAliasType" => &["__name__"],
        "BaseException" => &["__suppress_context__"],
        "BaseExceptionGroup" => &["exceptions", "message"],
        "AttributeError" => &["name", "obj"],
        "ImportError" => &["msg", "name", "name_from", "path"],
        "NameError" => &["name"],
        "OSError" => &["errno", "filename", "filename2", "strerror"],
        "StopIteration" => &["value"],
        "SyntaxError" => &[
            "end_lineno",
            "end_offset",
            "filename",
            "lineno",
            "msg",
            "offset",
            "print_file_and_line",
            "text",
        ],
        "UnicodeDecodeError" | "UnicodeEncodeError" | "UnicodeTranslateError" => {
            &["encoding", "end", "object", "reason", "start"]
        }
        "SystemExit" => &["code"],
        _ => &[],
    }
}

/// Is the attribute of the native type a field in CPython?
pub fn is_field(ty: &str, attribute: &str) -> bool {
    fields(ty).contains(&attribute)
}
