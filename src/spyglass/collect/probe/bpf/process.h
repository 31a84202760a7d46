/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* Processes: who is followed, and what they become. */
#pragma once

#include "files.h"

SEC("raw_tp/sched_process_fork")
int on_fork(struct bpf_raw_tracepoint_args *c)
{
    struct task_struct *parent = (void *)c->args[0], *child = (void *)c->args[1];
    u32 of = BPF_CORE_READ(parent, tgid), pid = BPF_CORE_READ(child, tgid);
    if (of == pid) return 0; /* a thread */
    struct scope *known = bpf_map_lookup_elem(&tracked, &of);
    if (!known) return 0;
    struct scope s = *known;
    if (bpf_map_update_elem(&tracked, &pid, &s, BPF_ANY)) count(LOST_UNTRACKED, 1);
    if (foreign(&s)) return 0;
    struct rec *r = begin(SCRATCH_EXEC, EV_FORK, &s);
    if (!r) return 0;
    r->op = pid;
    r->v[0] = BPF_CORE_READ(child, start_boottime);
    send(r, 0);
    return 0;
}

/* A program that nobody follows starts to be followed when its name or its control group is watched. */
static __always_inline struct scope *joins(u32 pid)
{
    struct command name = {};
    bpf_get_current_comm(name.name, sizeof(name.name));
    struct scope *s = bpf_map_lookup_elem(&commands, &name);
    if (!s) {
        u64 group = bpf_get_current_cgroup_id();
        s = bpf_map_lookup_elem(&cgroups, &group);
    }
    if (!s || foreign(s)) return 0;
    struct scope own = *s;
    own.root = pid;
    if (bpf_map_update_elem(&tracked, &pid, &own, BPF_ANY)) count(LOST_UNTRACKED, 1);
    return bpf_map_lookup_elem(&tracked, &pid);
}

static __always_inline void add_arguments(struct rec *r, struct task_struct *task)
{
    u64 from = BPF_CORE_READ(task, mm, arg_start), size = BPF_CORE_READ(task, mm, arg_end) - from, at = used(r);
    r->v[0] = size;
    if (size > TEXT) size = TEXT;
    asm volatile("" : "+r"(size), "+r"(at));
    if (at >= TEXT || size > TEXT) return;
    if (bpf_probe_read_user(&r->data[at & (TEXT - 1)], size, (void *)from)) count(LOST_UNREADABLE, 1);
    else r->len[3] = size;
}

/* Pipes and sockets that a program begins with as its standard streams. */
static __always_inline void keep_standard(u32 pid, u32 number)
{
    struct standard_key key = {.pid = pid, .number = number};
    struct file *file = file_of(number);
    u32 format = file ? mode_of(file) & S_FORMAT : 0;
    if (format != S_PIPE && format != S_SOCKET) {
        bpf_map_delete_elem(&standards, &key);
        return;
    }
    struct standard standard = {.file = (u64)file, .inode = BPF_CORE_READ(file, f_inode, i_ino)};
    bpf_map_update_elem(&standards, &key, &standard, BPF_ANY);
}

SEC("raw_tp/sched_process_exec")
int on_exec(struct bpf_raw_tracepoint_args *c)
{
    struct task_struct *task = (void *)c->args[0];
    struct linux_binprm *program = (void *)c->args[2];
    u32 pid = bpf_get_current_pid_tgid() >> 32;
    struct scope *s = bpf_map_lookup_elem(&tracked, &pid);
    if (!s) s = joins(pid);
    if (!s) return 0;
    if (foreign(s)) {
        count(LOST_FOREIGN_USER, 1); /* once per program, not per call */
        return 0;
    }
    if (s->flags & WANT_STDIO) {
        keep_standard(pid, 0);
        keep_standard(pid, 1);
    }
    struct rec *r = begin(SCRATCH_EXEC, EV_EXEC, s);
    if (!r) return 0;
    struct file *file = BPF_CORE_READ(program, file);
    add_path(r, 0, &file->f_path);
    add_cwd(r, 1);
    add_arguments(r, task);
    r->v[1] = BPF_CORE_READ(program, argc);
    r->op = s->flags & WANT_TLS && BPF_CORE_READ(file, f_inode, i_size) >= INSIDE_LEAST; /* large enough to have a TLS library inside */
    send(r, r->op && unknown(file));
    return 0;
}

SEC("raw_tp/sched_process_exit")
int on_exit(struct bpf_raw_tracepoint_args *c)
{
    struct task_struct *task = (void *)c->args[0];
    u32 pid = BPF_CORE_READ(task, tgid);
    struct scope *known = bpf_map_lookup_elem(&tracked, &pid);
    if (!known || BPF_CORE_READ(task, signal, live.counter) != 0) return 0; /* other threads go on */
    struct scope s = *known;
    if (!foreign(&s)) {
        flush_all(SCRATCH_EXIT, &s);
        struct rec *r = begin(SCRATCH_EXIT, EV_EXIT, &s);
        if (r) {
            struct signal_struct *group = BPF_CORE_READ(task, signal);
            int of_group = BPF_CORE_READ(group, group_exit_code);
            r->result = of_group ? of_group : BPF_CORE_READ(task, exit_code);
            r->v[0] = BPF_CORE_READ(group, sum_sched_runtime) + BPF_CORE_READ(task, se.sum_exec_runtime);
            r->v[1] = BPF_CORE_READ(group, maxrss); /* pages */
            r->v[2] = BPF_CORE_READ(group, ioac.rchar) + BPF_CORE_READ(task, ioac.rchar);
            r->v[3] = BPF_CORE_READ(group, ioac.wchar) + BPF_CORE_READ(task, ioac.wchar);
            send(r, 0);
        }
    }
    bpf_map_delete_elem(&tracked, &pid);
    return 0;
}
