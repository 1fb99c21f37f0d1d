// Conformance: a trace point of Rust code calls the event's callback.
//
// Built with the trace-hw_char.rs of a tree in which pl011_receive and
// pl011_irq_state are instrumented, and linked with that tree's C code.
//
// SPDX-License-Identifier: GPL-2.0-or-later

/// Bindings that the trace points of other events use.
mod util {
    pub mod bindings {
        #![allow(non_upper_case_globals, dead_code)]
        pub const LOG_TRACE: i32 = 1 << 15;
        extern "C" {
            pub static qemu_loglevel: i32;
            pub fn qemu_log(format: *const std::ffi::c_char, ...);
        }
    }
}

#[allow(dead_code, unused_imports)]
mod trace {
    use crate::util;
    include!(concat!(env!("TREE"), "/trace/trace-hw_char.rs"));
}

extern "C" {
    static mut qemu_instr_pl011_receive_cb: Option<unsafe extern "C" fn(usize)>;
}

static mut SUM: usize = 0;

unsafe extern "C" fn on_receive(size: usize) {
    SUM += size;
}

fn main() {
    trace::trace_pl011_receive(1);
    unsafe { qemu_instr_pl011_receive_cb = Some(on_receive) };
    trace::trace_pl011_receive(20);
    trace::trace_pl011_receive(300);
    trace::trace_pl011_irq_state(true);
    println!("SUM {}", unsafe { SUM });
}
