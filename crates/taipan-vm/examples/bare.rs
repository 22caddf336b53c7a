//! Runs a program with `builtins` and `sys` alone: no import system, no library, output straight to
//! the descriptor. For work on the interpreter: `cargo run -p taipan-vm --example bare -- file.py`.

use taipan_vm::interp::config::Config;
use taipan_vm::prelude::*;
use taipan_vm::source::{self, Request};

/// Writes text to descriptor 1.
#[pyfunction]
fn write(_cx: &Thread, text: &'static Str) {
    print!("{text}");
}

/// A full collection.
#[pyfunction]
fn collect_garbage(cx: &Thread) {
    taipan_vm::interp::clear_dead_registers(cx);
    taipan_heap::collect(cx.mutator, taipan_heap::Reason::Explicit);
    let _ = cx.poll_slow();
}

pymodule! { "_bare", doc: "Output for programs without a library.", functions: [write, collect_garbage] }

fn main() {
    let t = std::thread::Builder::new().stack_size(256 << 20).spawn(run).expect("a thread");
    std::process::exit(t.join().unwrap_or(1));
}

fn run() -> i32 {
    let path = std::env::args().nth(1).expect("usage: bare file.py");
    let text = std::fs::read_to_string(&path).expect("a readable file");
    taipan_vm::vm::VM.set_modules(vec![taipan_vm::modules::MODULES], &[]);
    let cx = taipan_vm::runtime::create(Config::default());
    // Fails where importlib is looked for: by then builtins and sys stand.
    let _ = taipan_vm::runtime::start(cx);
    let out = Module::new(cx, "_bare");
    out.fill(cx, &MODULE).expect("no exec function");
    cx.vm.sys_dict().set_str(cx, id!(cx, "stdout"), Value::from_ref(out));
    cx.vm.sys_dict().set_str(cx, id!(cx, "stderr"), Value::from_ref(out));
    let main = Module::new(cx, "__main__");
    main.add(cx, "__builtins__", cx.vm.roots.builtins.value());
    cx.vm.modules().set_str(cx, id!(cx, "__main__"), Value::from_ref(main));
    let name = Str::new(cx, &path);
    let req = Request::new(name, taipan_syntax::Mode::Exec, 0);
    let r = source::compile(cx, &text, &req).and_then(|code| {
        if std::env::var_os("DIS").is_some() {
            eprintln!("{}", taipan_compiler::disassemble(code.unit()));
        }
        taipan_vm::interp::exec_code(cx, code, main.dict(), Value::from_ref(main.dict()), None)
    });
    match r {
        Ok(_) => 0,
        Err(e) => {
            taipan_vm::modules::sys::hooks::display_plain(cx, e.0);
            1
        }
    }
}
