/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* Paths out of the kernel's own tree of names: right for relative names, duplicated descriptors and symbolic links, without a race. */
#pragma once

#include "agent.h"

#define PATH_STEPS 64
#define PATH_BYTES 1792
#define NAME_BYTES 256

struct walk { struct rec *r; struct vfsmount *mount; struct dentry *name; u32 at, end, whole; };

static __always_inline u32 used(const struct rec *r) { return (u32)r->len[0] + r->len[1] + r->len[2] + r->len[3]; }

static __always_inline long add_step(struct walk *w, struct dentry *name)
{
    u32 at = w->at;
    struct rec *r = w->r;
    if (at >= w->end || at >= TEXT || !r) return 0;
    return bpf_probe_read_kernel_str(&r->data[at & (TEXT - 1)], NAME_BYTES, BPF_CORE_READ(name, d_name.name));
}

/* A file that lies in no directory, as of memfd_create: its own name is all there is, as /proc shows it. */
static __always_inline void add_alone(struct walk *w, struct dentry *name)
{
    long n = add_step(w, name);
    struct rec *r = w->r;
    u32 at = w->at;
    if (n > 1 && at < TEXT && r && r->data[at & (TEXT - 1)] != '/') w->at = at + n;
}

static long walk_step(u32 i, struct walk *w)
{
    struct vfsmount *mount = w->mount;
    struct dentry *name = w->name, *top = BPF_CORE_READ(mount, mnt_root), *parent = BPF_CORE_READ(name, d_parent);
    if (name == parent && name != top) {
        if (!i) add_alone(w, name);
        w->whole = 1;
        return 1;
    }
    if (name == top) { /* of this mount: go on where it is mounted */
        struct mount *m = (void *)mount - __builtin_preserve_field_info(((struct mount *)0)->mnt, BPF_FIELD_BYTE_OFFSET);
        struct mount *above = BPF_CORE_READ(m, mnt_parent);
        if (above == m || !above) {
            w->whole = 1;
            return 1;
        }
        w->name = BPF_CORE_READ(m, mnt_mountpoint);
        w->mount = (void *)above + __builtin_preserve_field_info(((struct mount *)0)->mnt, BPF_FIELD_BYTE_OFFSET);
        return 0;
    }
    long n = add_step(w, name);
    if (n <= 0) return 1;
    w->at += n;
    w->name = parent;
    return 0;
}

/* Appends the names from the last to the first, each with a NUL, and where there are too many "…" for the rest; gives the bytes.
 * A global function: the verifier reads it once. */
__noinline int walk_names(struct rec *r, u64 mount, u64 name)
{
    if (!r) return 0;
    u32 at = used(r);
    struct walk w = {.r = r, .mount = (void *)mount, .name = (void *)name, .at = at, .end = at + PATH_BYTES};
    bpf_loop(PATH_STEPS, walk_step, &w, 0);
    if (w.whole || w.at >= TEXT) return w.at - at;
    __builtin_memcpy(&r->data[w.at & (TEXT - 1)], "\xe2\x80\xa6", 4);
    count(LOST_CUT, 1);
    return w.at - at + 4;
}

static __always_inline void add_path(struct rec *r, u32 slot, struct path *path)
{
    r->len[slot] = walk_names(r, (u64)BPF_CORE_READ(path, mnt), (u64)BPF_CORE_READ(path, dentry));
}

static __always_inline void add_cwd(struct rec *r, u32 slot)
{
    struct task_struct *task = (void *)bpf_get_current_task();
    struct fs_struct *fs = BPF_CORE_READ(task, fs);
    add_path(r, slot, &fs->pwd);
}

/* Text of the watched program; read when the call returns, as before the call the page may not be there. */
__noinline int read_text(struct rec *r, u64 from)
{
    if (!r) return 0;
    u32 at = used(r);
    if (at >= TEXT) return 0;
    long n = bpf_probe_read_user_str(&r->data[at & (TEXT - 1)], 1024, (void *)from);
    if (n == -14) count(LOST_UNREADABLE, 1);
    return n > 0 ? n : 0;
}

static __always_inline struct file *file_of(u32 fd)
{
    struct fdtable *table = running()->files->fdt;
    if (fd >= table->max_fds) return 0;
    struct file **files = table->fd, *file = 0;
    bpf_probe_read_kernel(&file, sizeof(file), files + fd);
    return file;
}

/* A name that the program gave: its text in `slot`, and in `slot + 1` the directory that it starts from; of an absolute one the program's root, of which nothing is
 * to be said unless it has another than the machine or its container. */
static __always_inline void add_name(struct rec *r, u32 slot, s32 directory, u64 text)
{
    u32 at = used(r);
    r->len[slot] = read_text(r, text);
    if (!r->len[slot] || at >= TEXT) return;
    bool absolute = r->data[at & (TEXT - 1)] == '/';
    struct file *file = directory >= 0 && !absolute ? file_of(directory) : 0;
    struct task_struct *task = (void *)bpf_get_current_task();
    struct fs_struct *fs = BPF_CORE_READ(task, fs);
    add_path(r, slot + 1, file ? &file->f_path : absolute ? &fs->root : &fs->pwd);
}
