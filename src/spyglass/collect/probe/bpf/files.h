/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* Sums of reads and writes per (process, open file), told every WINDOW_NS and when the file is left. A write to a file that the process did not open itself
 * is told as it begins, too; of one that it did open, that was told already. Sockets are summed alike. */
#pragma once

#include "sockets.h"

static __always_inline u32 mode_of(struct file *file) { return BPF_CORE_READ(file, f_inode, i_mode); }

/* When its content was changed, in ns. */
static __always_inline u64 changed(struct inode *inode)
{
    struct inode___6_7 *later = (void *)inode;
    struct inode___5 *before = (void *)inode;
    if (bpf_core_field_exists(inode->i_mtime_sec)) return BPF_CORE_READ(inode, i_mtime_sec) * 1000000000ull + BPF_CORE_READ(inode, i_mtime_nsec);
    if (bpf_core_field_exists(later->__i_mtime)) return BPF_CORE_READ(later, __i_mtime.tv_sec) * 1000000000ull + BPF_CORE_READ(later, __i_mtime.tv_nsec);
    return BPF_CORE_READ(before, i_mtime.tv_sec) * 1000000000ull + BPF_CORE_READ(before, i_mtime.tv_nsec);
}

/* The loader has not looked at this file yet, and may have to attach to it before the program comes to its first call. */
static __always_inline bool unknown(struct file *file)
{
    struct inode *inode = BPF_CORE_READ(file, f_inode);
    struct file_key key = {.inode = BPF_CORE_READ(inode, i_ino), .device = BPF_CORE_READ(inode, i_sb, s_dev), .changed = changed(inode)};
    return !bpf_map_lookup_elem(&known, &key);
}

static __noinline void tell_io(struct rec *r, struct file *file, struct io *io, bool left)
{
    r->flags = left;
    r->mode = mode_of(file);
    r->v[0] = io->reads; r->v[1] = io->read_bytes;
    r->v[2] = io->writes; r->v[3] = io->write_bytes;
    r->v[4] = io->first; r->v[5] = io->inode;
    add_path(r, 0, &file->f_path);
    send(r, 0);
}

static __always_inline void tell_close(struct rec *r, struct file *file, struct io *io)
{
    r->v[0] = io->opened; r->v[1] = io->read_bytes; r->v[3] = io->write_bytes; r->v[5] = io->inode;
    add_ends(r, file);
    send(r, 0);
}

/* The number, 0 or 1, of the standard stream that a descriptor is; -1: it is none. What the program was started with counts, where that was seen. A global
 * function: the verifier reads it once. */
__noinline int standard_number(s32 fd, u64 file, u32 out)
{
    struct standard_key key = {.pid = bpf_get_current_pid_tgid() >> 32, .number = !!out};
    struct standard *known = bpf_map_lookup_elem(&standards, &key);
    if (!known) return fd == key.number ? key.number : -1;
    return known->file == file && known->inode == BPF_CORE_READ((struct file *)file, f_inode, i_ino) ? key.number : -1;
}

int end_http(const struct scope *s, u64 inode);

/* The process leaves this file or socket: tell what is not told yet. */
static __noinline void flush(u32 scratch, const struct scope *s, struct file *file)
{
    struct io_key key = {.pid = bpf_get_current_pid_tgid() >> 32, .file = (u64)file};
    struct io *io = bpf_map_lookup_elem(&ios, &key);
    if (!io) return;
    if (io->inode == BPF_CORE_READ(file, f_inode, i_ino)) {
        bool socket = (mode_of(file) & S_FORMAT) == S_SOCKET;
        if (socket && io->stream == STREAM_HTTP) end_http(s, io->inode);
        if (socket ? s->flags & WANT_NETWORK : io->reads || io->writes) {
            struct rec *r = begin(scratch, socket ? EV_CLOSE : EV_IO, s);
            if (r && socket) tell_close(r, file, io);
            else if (r) tell_io(r, file, io, 1);
        }
    }
    bpf_map_delete_elem(&ios, &key);
}

struct sweep { struct scope s; struct file **files; u32 scratch, first, last; };

static long sweep_step(u32 i, struct sweep *w)
{
    u32 fd = w->first + i;
    if (fd > w->last) return 1;
    struct file *file = 0;
    bpf_probe_read_kernel(&file, sizeof(file), w->files + fd);
    if (file) flush(w->scratch, &w->s, file);
    return 0;
}

static __always_inline void flush_range(u32 scratch, const struct scope *s, u32 first, u32 last)
{
    struct task_struct *task = (void *)bpf_get_current_task();
    struct files_struct *files = BPF_CORE_READ(task, files);
    if (!files) return;
    u32 most = BPF_CORE_READ(files, fdt, max_fds);
    if (most > 65536) most = 65536;
    if (!most || first >= most) return;
    struct sweep w = {.s = *s, .files = BPF_CORE_READ(files, fdt, fd), .scratch = scratch, .first = first, .last = last < most ? last : most - 1};
    bpf_loop(w.last - first + 1, sweep_step, &w, 0);
}

static __always_inline void flush_all(u32 scratch, const struct scope *s) { flush_range(scratch, s, 0, 0xffffffff); }

/* A file was opened to be written, and that was told: its sums begin. */
static __always_inline void begin_io(struct file *file, u64 now)
{
    struct io_key key = {.pid = bpf_get_current_pid_tgid() >> 32, .file = (u64)file};
    struct io fresh = {.inode = BPF_CORE_READ(file, f_inode, i_ino), .first = now, .told = now};
    bpf_map_update_elem(&ios, &key, &fresh, BPF_ANY);
}

static __always_inline void add_sums(struct io *io, u64 bytes, bool out)
{
    __sync_fetch_and_add(out ? &io->writes : &io->reads, 1);
    __sync_fetch_and_add(out ? &io->write_bytes : &io->read_bytes, bytes);
}

/* The sums of a socket that is known to carry a stream: of what goes over it nothing but the bytes is told. */
static __always_inline struct io *stream_of(u32 pid, struct file *file)
{
    struct io_key key = {.pid = pid, .file = (u64)file};
    struct io *io = bpf_map_lookup_elem(&ios, &key);
    return io && io->stream && io->inode == BPF_CORE_READ(file, f_inode, i_ino) ? io : 0;
}

/* Adds one operation to the sums. */
static __noinline void add_io(const struct scope *s, struct file *file, u32 mode, u64 bytes, bool out)
{
    bool socket = (mode & S_FORMAT) == S_SOCKET;
    u64 now = bpf_ktime_get_boot_ns(), inode = BPF_CORE_READ(file, f_inode, i_ino);
    struct io_key key = {.pid = bpf_get_current_pid_tgid() >> 32, .file = (u64)file};
    struct io *io = bpf_map_lookup_elem(&ios, &key);
    if (!io || io->inode != inode) {
        struct io fresh = {.inode = inode, .first = now, .told = out && !socket ? 0 : now};
        if (socket) {
            u16 type = 0;
            sock_of(file, &type);
            if (type == SOCKET_STREAM && (!(s->flags & WANT_STDIO) || standard_number(-1, (u64)file, out) < 0)) fresh.stream = STREAM_NEW;
        }
        bpf_map_update_elem(&ios, &key, &fresh, BPF_ANY);
        io = bpf_map_lookup_elem(&ios, &key);
        if (!io) return;
    }
    if (!io->reads && !io->writes) io->first = now;
    add_sums(io, bytes, out);
    if (socket || now - io->told < WINDOW_NS) return;
    struct rec *r = begin(SCRATCH_LEAVE, EV_IO, s);
    if (r) tell_io(r, file, io, 0);
    io->reads = io->read_bytes = io->writes = io->write_bytes = 0;
    io->told = now;
}
