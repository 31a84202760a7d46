/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* What watched processes do, seen in the kernel. In: tracepoints of processes and system calls, probes on TLS libraries; the maps `tracked`, `cgroups`
 * and `commands` say who is watched. Out: records in `ring` (agent.h), and `counters` of what was lost.
 *
 * Arguments of a system call are read when it returns: their registers still hold them, and the pages that they point at are then in memory.
 * Only what would be gone by then is done before: descriptors that the call closes. */
#include "calls.h"
#include "process.h"
#include "golang.h"

struct args { u64 a[5]; long nr; s64 result; };

#if defined(__TARGET_ARCH_x86)
#define FIRST(regs) ((regs)->di)
#define NUMBER(regs) ((long)(regs)->orig_ax)
#define ARGS(regs) {.a = {(regs)->di, (regs)->si, (regs)->dx, (regs)->r10, (regs)->r8}, .nr = NUMBER(regs)}
#define IS_32_BIT(task) (bpf_core_field_exists((task)->thread_info.status) && ((task)->thread_info.status & 2)) /* TS_COMPAT */
#else
#define FIRST(regs) ((regs)->orig_x0)
#define NUMBER(regs) ((long)(regs)->syscallno)
#define OF(r, n) ((r)->user_regs.regs[n])
#define ARGS(r) {.a = {(r)->orig_x0, OF(r, 1), OF(r, 2), OF(r, 3), OF(r, 4)}, .nr = NUMBER(r)}
#define IS_32_BIT(task) ((task)->thread_info.flags & (1 << 22)) /* TIF_32BIT */
#endif

static __always_inline bool other_numbers(void)
{
    struct task_struct *task = running();
    if (!IS_32_BIT(task)) return 0;
    count(LOST_32_BIT, 1);
    return 1;
}

SEC("tp_btf/sys_enter")
int BPF_PROG(on_sys_enter, struct pt_regs *regs, long nr)
{
    if (nr != N_close && nr != N_dup2 && nr != N_dup3 && nr != N_close_range && nr != N_execve && nr != N_execveat) return 0;
    struct scope *s = watched(bpf_get_current_pid_tgid() >> 32);
    if (!s || !(s->flags & (WANT_FILES | WANT_NETWORK | WANT_TLS)) || other_numbers()) return 0;
    if (nr == N_execve || nr == N_execveat) { /* descriptors may be closed by it */
        flush_all(SCRATCH_ENTER, s);
        return 0;
    }
    if (nr == N_close_range) {
        flush_range(SCRATCH_ENTER, s, FIRST(regs), PT_REGS_PARM2_CORE_SYSCALL(regs));
        return 0;
    }
    struct file *file = file_of(nr == N_close ? FIRST(regs) : PT_REGS_PARM2_CORE_SYSCALL(regs));
    if (file) flush(SCRATCH_ENTER, s, file);
    return 0;
}

/* ---- files opened */

static __always_inline u32 flags_of_open(const struct args *a)
{
    if (a->nr == N_openat) return a->a[2];
    if (a->nr == N_open) return a->a[1];
    if (a->nr == N_creat) return 01101; /* O_CREAT | O_WRONLY | O_TRUNC */
    u64 flags = 0;
    bpf_probe_read_user(&flags, sizeof(flags), (void *)a->a[2]); /* struct open_how */
    return flags;
}

/* By its name a TLS library; or, by name and size, a library that may have one inside, as those of Python and Node.js do. */
static __always_inline bool may_hold_tls(struct file *file)
{
    struct dentry *dentry = BPF_CORE_READ(file, f_path.dentry);
    const unsigned char *name = BPF_CORE_READ(dentry, d_name.name);
    char text[8] = {};
    bpf_probe_read_kernel(text, sizeof(text), name);
    if (text[0] == 'l' && text[1] == 'i' && text[2] == 'b') {
        if (text[3] == 's' && text[4] == 's' && text[5] == 'l') return 1;
        if (text[3] == 'g' && text[4] == 'n' && text[5] == 'u' && text[6] == 't') return 1;
    }
    u32 length = BPF_CORE_READ(dentry, d_name.len);
    if (length < 5 || BPF_CORE_READ(file, f_inode, i_size) < INSIDE_LEAST) return 0;
    bpf_probe_read_kernel(text, 5, name + length - 5);
    if (text[2] == '.' && text[3] == 's' && text[4] == 'o') return 1;
    return text[0] == '.' && text[1] == 'n' && text[2] == 'o' && text[3] == 'd' && text[4] == 'e';
}

static __always_inline void tell_library(const struct scope *s, struct file *file)
{
    struct rec *r = begin(SCRATCH_LEAVE, EV_LIBRARY, s);
    if (!r) return;
    r->v[5] = BPF_CORE_READ(file, f_inode, i_ino);
    add_path(r, 0, &file->f_path);
    send(r, unknown(file));
}

#define WRITING 03103 /* O_WRONLY | O_RDWR | O_CREAT | O_TRUNC */
#define NOT_THERE (-2)

static __noinline void on_open(const struct scope *s, const struct args *a)
{
    u32 flags = flags_of_open(a);
    struct file *file = a->result >= 0 ? file_of(a->result) : 0;
    if (file && s->flags & WANT_TLS && !(flags & 3) && may_hold_tls(file)) tell_library(s, file);
    if (!(s->flags & WANT_FILES)) return;
    if (!(flags & WRITING) && !(s->flags & WANT_OPENS) && (a->result >= 0 || a->result == NOT_THERE)) return;
    struct rec *r = begin(SCRATCH_LEAVE, EV_OPEN, s);
    if (!r) return;
    r->result = a->result;
    r->flags = flags;
    if (file) {
        r->mode = mode_of(file);
        r->op = !!(BPF_CORE_READ(file, f_mode) & MODE_CREATED);
        add_path(r, 0, &file->f_path);
    } else if (a->nr == N_open || a->nr == N_creat) add_name(r, 1, -100, a->a[0]);
    else add_name(r, 1, a->a[0], a->a[1]);
    send(r, 0);
    if (file && flags & 3 && (r->mode & S_FORMAT) == S_REGULAR) begin_io(file, r->h.time);
}

/* ---- names and states of files changed */

/* What a call does, and where its arguments are: a directory descriptor (-1: none, it is the working directory) and a name; twice for two names. */
struct shape { u8 change; s8 directory, name, directory2, name2, mode; };

static __always_inline struct shape shape_of(const struct args *a)
{
    switch (a->nr) {
    case N_unlink: return (struct shape){CHANGE_DELETE, -1, 0, -1, -1, -1};
    case N_unlinkat: return (struct shape){a->a[2] & 0x200 ? CHANGE_RMDIR : CHANGE_DELETE, 0, 1, -1, -1, -1}; /* AT_REMOVEDIR */
    case N_rename: return (struct shape){CHANGE_RENAME, -1, 0, -1, 1, -1};
    case N_renameat: case N_renameat2: return (struct shape){CHANGE_RENAME, 0, 1, 2, 3, -1};
    case N_mkdir: return (struct shape){CHANGE_MKDIR, -1, 0, -1, -1, 1};
    case N_mkdirat: return (struct shape){CHANGE_MKDIR, 0, 1, -1, -1, 2};
    case N_rmdir: return (struct shape){CHANGE_RMDIR, -1, 0, -1, -1, -1};
    case N_chmod: return (struct shape){CHANGE_CHMOD, -1, 0, -1, -1, 1};
    case N_fchmod: return (struct shape){CHANGE_CHMOD, 0, -1, -1, -1, 1};
    case N_fchmodat: case N_fchmodat2: return (struct shape){CHANGE_CHMOD, 0, 1, -1, -1, 2};
    case N_chown: case N_lchown: return (struct shape){CHANGE_CHOWN, -1, 0, -1, -1, -1};
    case N_fchown: return (struct shape){CHANGE_CHOWN, 0, -1, -1, -1, -1};
    case N_fchownat: return (struct shape){CHANGE_CHOWN, 0, 1, -1, -1, -1};
    case N_truncate: return (struct shape){CHANGE_TRUNCATE, -1, 0, -1, -1, -1};
    case N_ftruncate: return (struct shape){CHANGE_TRUNCATE, 0, -1, -1, -1, -1};
    case N_link: return (struct shape){CHANGE_LINK, -1, 1, -1, 0, -1};
    case N_linkat: return (struct shape){CHANGE_LINK, 2, 3, 0, 1, -1};
    case N_symlink: return (struct shape){CHANGE_SYMLINK, -1, 1, -1, 0, -1};
    default: return (struct shape){CHANGE_SYMLINK, 1, 2, -1, 0, -1}; /* symlinkat */
    }
}

static __always_inline u64 argument(const struct args *a, s8 which)
{
    switch (which) {
    case 0: return a->a[0];
    case 1: return a->a[1];
    case 2: return a->a[2];
    case 3: return a->a[3];
    }
    return 0;
}

static __noinline void on_change(const struct scope *s, const struct args *a)
{
    if (!(s->flags & WANT_FILES)) return;
    struct rec *r = begin(SCRATCH_LEAVE, EV_CHANGE, s);
    if (!r) return;
    struct shape shape = shape_of(a);
    r->result = a->result;
    r->op = shape.change;
    if (shape.mode >= 0) r->mode = argument(a, shape.mode);
    s32 directory = shape.directory >= 0 ? (s32)argument(a, shape.directory) : -100;
    if (shape.name < 0) { /* by descriptor */
        struct file *file = file_of(directory);
        if (!file) return;
        add_path(r, 1, &file->f_path);
    } else {
        add_name(r, 0, directory, argument(a, shape.name));
    }
    if (shape.name2 >= 0) {
        if (shape.change == CHANGE_SYMLINK) r->len[2] = read_text(r, argument(a, shape.name2));
        else add_name(r, 2, shape.directory2 >= 0 ? (s32)argument(a, shape.directory2) : -100, argument(a, shape.name2));
    }
    send(r, 0);
}

/* ---- bytes read and written */

struct pieces { struct transfer t; u64 vectors; u64 left; };

static long vector_step(u32 i, struct pieces *p)
{
    struct vector v = {};
    if (bpf_probe_read_user(&v, sizeof(v), (void *)(p->vectors + i * sizeof(v)))) return 1;
    p->t.buffer = v.at;
    p->t.size = v.size < p->left ? v.size : p->left;
    tell_payload(&p->t);
    p->t.skipped += p->t.size;
    p->left -= p->t.size;
    return p->left == 0;
}

/* What a call read or wrote: of a standard stream that is a pipe or a socket (`handle` is its number), or of a connection without TLS (its file is given).
 * Global functions, as the verifier reads them once. */
__noinline int on_payload(const struct scope *s, const struct args *a, u64 handle, u64 socket, u32 out)
{
    if (!s || !a) return 0;
    struct pieces p = {
        .t = {.s = *s, .handle = handle, .buffer = a->a[1], .time = bpf_ktime_get_boot_ns(), .total = a->result, .size = a->result, .kind = EV_STDIO, .direction = out},
        .vectors = a->a[1], .left = a->result,
    };
    struct ssl_key key = {.pid = bpf_get_current_pid_tgid() >> 32, .ssl = handle}; /* neither is an address of the program */
    struct ssl *stream = connection(&key, socket ? p.t.time : 0);
    u64 way = out;
    asm volatile("" : "+r"(way)); /* the verifier wants to see the bound */
    if (socket && stream) {
        u16 type = 0;
        p.t.kind = EV_TLS;
        p.t.generation = stream->generation;
        ends_of(sock_of((void *)socket, &type), &p.t.ends);
    }
    if (stream) p.t.operation = __sync_fetch_and_add(&stream->operations[way & 1], 1);
    u64 vectors = 0;
    if (a->nr == N_readv || a->nr == N_writev) vectors = a->a[2];
    else if (a->nr == N_sendmsg || a->nr == N_recvmsg) {
        struct message m = {};
        if (bpf_probe_read_user(&m, sizeof(m), (void *)a->a[1])) return 0;
        p.vectors = m.vectors;
        vectors = m.vector_count;
    }
    if (!vectors) tell_payload(&p.t);
    else bpf_loop(vectors < 64 ? vectors : 64, vector_step, &p, 0);
    return 0;
}

/* The first bytes of a write, wherever the call keeps them. */
static __always_inline u64 where_written(const struct args *a)
{
    u64 vectors = a->a[1];
    if (a->nr == N_write || a->nr == N_pwrite || a->nr == N_sendto) return a->a[1];
    if (a->nr == N_sendmsg) {
        struct message m = {};
        if (bpf_probe_read_user(&m, sizeof(m), (void *)a->a[1])) return 0;
        vectors = m.vectors;
    } else if (a->nr != N_writev) return 0;
    struct vector v = {};
    return bpf_probe_read_user(&v, sizeof(v), (void *)vectors) ? 0 : v.at;
}

#define FOUR(A, B, C, D) ((u32)(A) | (u32)(B) << 8 | (u32)(C) << 16 | (u32)(D) << 24)

/* Whether a program asks something in HTTP without TLS, by the first that it writes. Telemetry on its way (OTLP) is no call of an agent. */
__noinline int asks(u64 socket, const struct args *a)
{
    if (!a) return 0;
    u16 type = 0, family = BPF_CORE_READ(sock_of((void *)socket, &type), __sk_common.skc_family);
    u32 begin[3] = {};
    u64 from = family == INET || family == INET6 ? where_written(a) : 0;
    if (!from || bpf_probe_read_user(begin, sizeof(begin), (void *)from)) return 0;
    if (begin[0] == FOUR('P', 'O', 'S', 'T') && begin[1] == FOUR(' ', '/', 'v', '1'))
        return begin[2] != FOUR('/', 't', 'r', 'a') && begin[2] != FOUR('/', 'l', 'o', 'g') && begin[2] != FOUR('/', 'm', 'e', 't');
    return begin[0] == FOUR('P', 'O', 'S', 'T') || begin[0] == FOUR('G', 'E', 'T', ' ') || begin[0] == FOUR('P', 'U', 'T', ' ') ||
           begin[0] == FOUR('H', 'E', 'A', 'D') || begin[0] == FOUR('D', 'E', 'L', 'E') || begin[0] == FOUR('P', 'A', 'T', 'C') ||
           begin[0] == FOUR('O', 'P', 'T', 'I');
}

/* A stream over a socket: what it carries is seen by the first write. */
__noinline int on_stream(const struct scope *s, const struct args *a, u64 socket, struct io *stream, u32 out)
{
    if (!stream) return 0;
    if (stream->stream == STREAM_NEW && out) stream->stream = asks(socket, a) ? STREAM_HTTP : STREAM_OPAQUE;
    if (stream->stream == STREAM_HTTP) on_payload(s, a, HTTP_HANDLE | stream->inode, socket, out);
    return 0;
}

struct datagrams { struct scope s; struct file *file; u64 at, bytes; bool out; };

static long datagram_step(u32 i, struct datagrams *d)
{
    struct { struct message m; u64 control, control_size; u32 flags, pad; u32 size, pad2; } one = {}; /* struct mmsghdr */
    if (bpf_probe_read_user(&one, sizeof(one), (void *)(d->at + i * sizeof(one)))) return 1;
    struct vector v = {};
    if (one.m.vectors) bpf_probe_read_user(&v, sizeof(v), (void *)one.m.vectors);
    struct packet p = {.name = one.m.name, .buffer = v.at, .size = one.size < v.size ? one.size : v.size, .out = d->out};
    tell_datagram(&d->s, d->file, &p);
    if (d->out && p.name) tell_peer(&d->s, (u64)d->file, p.name);
    d->bytes += one.size;
    return 0;
}

/* Name servers' messages of a socket; gives the bytes of the call, which for the calls of many messages are not its result. */
static __noinline u64 on_socket_io(const struct scope *s, struct file *file, const struct args *a, bool out)
{
    if (a->nr == N_sendmmsg || a->nr == N_recvmmsg) {
        struct datagrams d = {.s = *s, .file = file, .at = a->a[1], .out = out};
        bpf_loop(a->result < 64 ? a->result : 64, datagram_step, &d, 0);
        return d.bytes;
    }
    u64 name = 0, buffer = a->a[1], size = a->result;
    if (a->nr == N_sendto || a->nr == N_recvfrom) name = a->a[4];
    else if (a->nr == N_sendmsg || a->nr == N_recvmsg) {
        struct message m = {};
        struct vector v = {};
        bpf_probe_read_user(&m, sizeof(m), (void *)a->a[1]);
        if (m.vectors) bpf_probe_read_user(&v, sizeof(v), (void *)m.vectors);
        name = m.name;
        buffer = v.at;
        if (size > v.size) size = v.size;
    } else if (a->nr == N_readv || a->nr == N_writev) return a->result;
    struct packet p = {.name = name, .buffer = buffer, .size = size, .out = out};
    tell_datagram(s, file, &p);
    if (out && name) tell_peer(s, (u64)file, name);
    return a->result;
}

static __noinline void add_bytes(const struct scope *s, struct file *file, u32 mode, u64 bytes, bool out)
{
    u32 format = mode & S_FORMAT;
    if (format == S_SOCKET ? !(s->flags & (WANT_NETWORK | WANT_TLS)) : format != S_REGULAR || !(s->flags & (out ? WANT_FILES : WANT_READS))) return;
    add_io(s, file, mode, bytes, out);
}

static __noinline void on_io(const struct scope *s, const struct args *a, bool out)
{
    struct file *file = file_of(a->a[0]);
    if (!file) return;
    u32 pid = bpf_get_current_pid_tgid() >> 32;
    struct io *stream = a->a[0] < 3 || a->nr == N_sendmmsg || a->nr == N_recvmmsg ? 0 : stream_of(pid, file);
    if (stream) { /* the usual way of what goes over sockets, and the short one */
        if (s->flags & WANT_TLS) {
            match_socket(pid, a->a[0], file, out);
            on_stream(s, a, (u64)file, stream, out);
        }
        add_sums(stream, a->result, out);
        return;
    }
    u32 mode = mode_of(file), format = mode & S_FORMAT;
    u64 bytes = a->result;
    if (s->flags & WANT_STDIO && (format == S_PIPE || format == S_SOCKET)) {
        s32 number = standard_number(a->a[0], (u64)file, out);
        if (number >= 0) on_payload(s, a, number, 0, out);
    }
    if (format == S_SOCKET) {
        if (s->flags & WANT_TLS) match_socket(pid, a->a[0], file, out);
        if (s->flags & WANT_NETWORK) bytes = on_socket_io(s, file, a, out);
    }
    add_bytes(s, file, mode, bytes, out);
    if (format != S_SOCKET || !(s->flags & WANT_TLS) || a->a[0] < 3 || !(stream = stream_of(pid, file))) return;
    on_stream(s, a, (u64)file, stream, out); /* the first that is seen of it */
}

/* Reads that leave the bytes where they are: they will be read again. */
static __always_inline bool peeks(const struct args *a)
{
    u64 flags = a->nr == N_recvfrom || a->nr == N_recvmmsg ? a->a[3] : a->nr == N_recvmsg ? a->a[2] : 0;
    return flags & 2; /* MSG_PEEK */
}

static __noinline void on_copy(const struct scope *s, const struct args *a)
{
    bool out_first = a->nr == N_sendfile;
    struct file *from = file_of(out_first ? a->a[1] : a->a[0]), *to = file_of(out_first ? a->a[0] : a->a[2]);
    if (from) add_bytes(s, from, mode_of(from), a->result, 0);
    if (!to) return;
    add_bytes(s, to, mode_of(to), a->result, 1);
    struct io *stream = stream_of(bpf_get_current_pid_tgid() >> 32, to);
    if (!stream || stream->stream != STREAM_HTTP) return;
    struct ssl_key key = {.pid = bpf_get_current_pid_tgid() >> 32, .ssl = HTTP_HANDLE | stream->inode};
    struct ssl *known = bpf_map_lookup_elem(&ssls, &key);
    if (known) __sync_fetch_and_add(&known->operations[1], 1); /* a gap: nobody has these bytes in memory */
}

static __always_inline void on_connection(const struct scope *s, const struct args *a, u32 class)
{
    if (!(s->flags & WANT_NETWORK)) return;
    struct file *file = 0;
    if (class == CALL_OPTION && (a->result || a->a[1] != OPTION_SOCKET || a->a[2] != OPTION_ERROR)) return;
    if (class == CALL_CONNECT || class == CALL_OPTION) file = file_of(a->a[0]);
    else if (a->result >= 0) file = file_of(a->result);
    if (!file || (mode_of(file) & S_FORMAT) != S_SOCKET) return;
    if (class == CALL_OPTION) on_option(file, a->a[3]);
    else if (class == CALL_CONNECT) tell_socket(s, file, EV_CONNECT, a->result, a->a[1], a->a[2]);
    else tell_socket(s, file, EV_ACCEPT, 0, 0, 0);
}

SEC("tp_btf/sys_exit")
int BPF_PROG(on_sys_exit, struct pt_regs *regs, long result)
{
    struct scope *known = watched(bpf_get_current_pid_tgid() >> 32);
    if (!known) return 0;
    u32 class = class_of(NUMBER(regs));
    if (class == CALL_NONE || other_numbers()) return 0;
    if (class <= CALL_COPY && class >= CALL_READ && result <= 0) return 0;
    struct args a = ARGS(regs);
    a.result = result;
    struct scope s = *known;
    if (class == CALL_READ && peeks(&a)) return 0;
    if (class == CALL_READ || class == CALL_WRITE) on_io(&s, &a, class == CALL_WRITE);
    else if (class == CALL_OPEN) on_open(&s, &a);
    else if (class == CALL_CHANGE) on_change(&s, &a);
    else if (class == CALL_COPY) on_copy(&s, &a);
    else on_connection(&s, &a, class);
    return 0;
}

/* The kernel is done with a connection that a program did not wait for; this may be anybody's turn. Without an error there was none, or the program has just taken
 * it and `on_option` will tell; else the entry waits for nothing, and who gets the same memory has another inode. */
SEC("raw_tp/inet_sock_set_state")
int on_state(struct bpf_raw_tracepoint_args *c)
{
    u64 sk = c->args[0];
    if ((int)c->args[1] != TCP_SYN_SENT) return 0;
    struct begun *begun = bpf_map_lookup_elem(&connecting, &sk);
    if (!begun) return 0;
    if ((int)c->args[2] == TCP_CLOSE && BPF_CORE_READ((struct sock *)sk, sk_socket, file, f_inode, i_ino) == begun->v[5]) {
        s32 error = BPF_CORE_READ((struct sock *)sk, sk_err);
        if (error <= 0) return 0;
        tell_failure(begun, error);
    }
    bpf_map_delete_elem(&connecting, &sk);
    return 0;
}

char LICENSE[] SEC("license") = "Dual MIT/GPL";
