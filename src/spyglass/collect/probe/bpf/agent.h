/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* Records as user space reads them (see layout.py: change both, and its VERSION), the maps, and how a record is begun and sent. */
#pragma once

#include "kernel.h"

enum { /* kinds of records */
    EV_EXEC = 1, EV_FORK, EV_EXIT, EV_OPEN, EV_CHANGE, EV_IO, EV_CONNECT, EV_ACCEPT, EV_CLOSE, EV_LIBRARY, EV_END,
    EV_TLS = 16, EV_STDIO, EV_DATAGRAM,
};
enum { /* what a scope wants told */
    WANT_FILES = 1, WANT_READS = 2, WANT_OPENS = 4, WANT_NETWORK = 8, WANT_TLS = 16, WANT_STDIO = 32,
};
enum { /* counters, per CPU */
    COUNT_EVENTS, LOST_EVENTS, LOST_DATA, LOST_UNREADABLE, LOST_CUT, LOST_UNTRACKED, LOST_FOREIGN_USER, LOST_32_BIT, COUNTERS,
};
enum { DIRECTION_IN, DIRECTION_OUT };

enum { STREAM_NONE, STREAM_NEW, STREAM_OPAQUE, STREAM_HTTP }; /* what a socket carries: no stream, not known yet, nothing that we read, HTTP without TLS */

#define ANY_USER 0xffffffffu
#define HTTP_HANDLE (1ull << 63) /* with the socket's inode: a connection without TLS; a TLS library's handles are addresses of programs, and smaller */
#define TEXT 8192           /* where the last string of a record begins at the latest; and the most bytes of arguments */
#define CHUNK 16384
#define CHUNKS 64           /* 1 MiB per operation */
#define INSIDE_LEAST (1 << 20) /* a library with a TLS library inside is larger */
#define WAKE_BYTES (1 << 20)
#define WINDOW_NS 2000000000ull /* a file that is being written is told again after this time */

struct actor {
    u32 pid, tid, ppid, uid, root, pad;
    u64 started, cgroup;
    char command[16];
};
struct head { /* 72 bytes */
    u16 kind, peer;
    u32 pad;
    u64 time; /* CLOCK_BOOTTIME */
    struct actor actor;
};
struct rec { /* 144 bytes, then `data`: strings one after the other, their lengths in `len` */
    struct head h;
    s32 result;
    u32 op, flags, mode;
    u64 v[6];
    u16 len[4];
    u8 data[2 * TEXT];
};
struct ends { u16 family, local_port, remote_port; u8 local[16], remote[16]; };
struct chunk { /* 144 bytes, then `data` */
    struct head h;
    u64 handle, generation;
    u32 total, offset, size, operation;
    u16 family, local_port, remote_port;
    u8 direction, guessed;
    u8 local[16], remote[16];
    u8 data[];
};

struct scope { u32 root, uid, flags; u16 peer, pad; };
struct io_key { u32 pid, pad; u64 file; };
struct io { u64 inode, reads, read_bytes, writes, write_bytes, first, told, opened, stream; }; /* `stream`: STREAM_… */
struct call { u64 ssl, buffer, length_at, time, waiting; s32 fd; u32 active; };
struct ssl_key { u32 pid, pad; u64 ssl; };
struct ssl { u64 generation; u32 operations[2]; s32 fd; u32 guessed; u64 file, inode; struct ends ends; }; /* `ends` of this file */
struct command { char name[16]; };
struct standard_key { u32 pid, number; }; /* of a descriptor: 0 or 1 */
struct standard { u64 file, inode; };
struct peer_key { u32 pid; u16 family, port; u64 inode; u8 address[16]; }; /* `inode` of the socket */
struct file_key { u64 inode, device, changed; };
#define ADDRESS 110 /* a struct sockaddr_un */
struct begun { struct head h; s32 result; u32 op, flags, mode; u64 v[6]; u16 len[4]; u8 data[sizeof(struct ends) + ADDRESS]; }; /* a `rec` of a connection under way */

struct { __uint(type, BPF_MAP_TYPE_RINGBUF); __uint(max_entries, 16 << 20); } ring SEC(".maps");
struct { __uint(type, BPF_MAP_TYPE_HASH); __uint(max_entries, 32768); __type(key, u32); __type(value, struct scope); } tracked SEC(".maps");
struct { __uint(type, BPF_MAP_TYPE_HASH); __uint(max_entries, 64); __type(key, u64); __type(value, struct scope); } cgroups SEC(".maps");
struct { __uint(type, BPF_MAP_TYPE_HASH); __uint(max_entries, 64); __type(key, struct command); __type(value, struct scope); } commands SEC(".maps");
struct { __uint(type, BPF_MAP_TYPE_PERCPU_ARRAY); __uint(max_entries, COUNTERS); __type(key, u32); __type(value, u64); } counters SEC(".maps");
struct { __uint(type, BPF_MAP_TYPE_LRU_HASH); __uint(max_entries, 65536); __type(key, struct io_key); __type(value, struct io); } ios SEC(".maps");
struct { __uint(type, BPF_MAP_TYPE_LRU_HASH); __uint(max_entries, 16384); __type(key, struct ssl_key); __type(value, struct ssl); } ssls SEC(".maps");
struct { __uint(type, BPF_MAP_TYPE_LRU_HASH); __uint(max_entries, 4096); __type(key, u64); __type(value, struct begun); } connecting SEC(".maps");
/* What a program was started with as standard streams, where these are pipes: some move them to other numbers and put something else in their place. */
struct { __uint(type, BPF_MAP_TYPE_LRU_HASH); __uint(max_entries, 16384); __type(key, struct standard_key); __type(value, struct standard); } standards SEC(".maps");
/* To whom messages went over sockets without a connection: each is told once. */
struct { __uint(type, BPF_MAP_TYPE_LRU_HASH); __uint(max_entries, 8192); __type(key, struct peer_key); __type(value, u32); } peers SEC(".maps");
/* Files that the loader has looked at: it need not be woken for them. */
struct { __uint(type, BPF_MAP_TYPE_LRU_HASH); __uint(max_entries, 1024); __type(key, struct file_key); __type(value, u32); } known SEC(".maps");
struct {
    __uint(type, BPF_MAP_TYPE_TASK_STORAGE);
    __uint(map_flags, BPF_F_NO_PREALLOC);
    __type(key, int);
    __type(value, struct call);
} calls SEC(".maps");
/* One per program, because tracepoints do not preempt themselves; never used in uprobes, which can be preempted by each other. */
enum { SCRATCH_EXEC, SCRATCH_EXIT, SCRATCH_ENTER, SCRATCH_LEAVE, SCRATCHES };
struct { __uint(type, BPF_MAP_TYPE_PERCPU_ARRAY); __uint(max_entries, SCRATCHES); __type(key, u32); __type(value, struct rec); } scratches SEC(".maps");

static __always_inline void count(u32 which, u64 n)
{
    u64 *value = bpf_map_lookup_elem(&counters, &which);
    if (value) *value += n;
}

/* Who is running, typed: the verifier lets us read such fields without a call of a helper. */
static __always_inline struct task_struct *running(void) { return bpf_get_current_task_btf(); }

/* A peer that is not root sees processes of its own user only: real, effective and saved id, so nothing of a setuid program. */
static __always_inline bool foreign(const struct scope *s)
{
    if (s->uid == ANY_USER) return 0;
    struct task_struct *task = (void *)bpf_get_current_task();
    const struct cred *cred = BPF_CORE_READ(task, cred);
    return BPF_CORE_READ(cred, uid.val) != s->uid || BPF_CORE_READ(cred, euid.val) != s->uid || BPF_CORE_READ(cred, suid.val) != s->uid;
}

static __always_inline struct scope *watched(u32 pid)
{
    struct scope *s = bpf_map_lookup_elem(&tracked, &pid);
    return s && !foreign(s) ? s : 0;
}

static __always_inline void fill(struct head *h, u16 kind, const struct scope *s, u64 time)
{
    struct task_struct *task = running();
    u64 id = bpf_get_current_pid_tgid();
    h->kind = kind; h->peer = s->peer; h->pad = 0;
    h->time = time;
    h->actor.pid = id >> 32; h->actor.tid = (u32)id;
    h->actor.ppid = task->real_parent->tgid;
    h->actor.uid = task->cred->uid.val;
    h->actor.root = s->root; h->actor.pad = 0;
    h->actor.started = task->group_leader->start_boottime;
    h->actor.cgroup = bpf_get_current_cgroup_id();
    bpf_get_current_comm(h->actor.command, sizeof(h->actor.command));
}

/* A record in the program's scratch, without strings yet. */
static __always_inline struct rec *begin(u32 scratch, u16 kind, const struct scope *s)
{
    struct rec *r = bpf_map_lookup_elem(&scratches, &scratch);
    if (!r) return 0;
    fill(&r->h, kind, s, bpf_ktime_get_boot_ns());
    __builtin_memset(&r->result, 0, __builtin_offsetof(struct rec, data) - __builtin_offsetof(struct rec, result));
    return r;
}

/* No wake-up per record: the reader comes by timer, and is woken only when so much waits (once, as it comes to that) or when it must act (`now`). */
static __always_inline u64 wake(u64 size, bool now)
{
    u64 waiting = bpf_ringbuf_query(&ring, BPF_RB_AVAIL_DATA);
    return now || (waiting >= WAKE_BYTES && waiting < WAKE_BYTES + size + 8) ? BPF_RB_FORCE_WAKEUP : BPF_RB_NO_WAKEUP;
}

/* The last eighth of the ring is for who begins and who ends: a process whose end is lost would seem to go on for ever. */
static __always_inline bool crowded(void)
{
    u64 size = bpf_ringbuf_query(&ring, BPF_RB_RING_SIZE);
    return bpf_ringbuf_query(&ring, BPF_RB_AVAIL_DATA) > size - size / 8;
}

/* The ring's lock can fail without need (seen on Linux 6.18: a refusal with the ring nearly empty), so what is refused is tried again unless there is no room. */
#define RESERVE(NAME, ROOM) \
    struct chunk *NAME = crowded() ? 0 : bpf_ringbuf_reserve(&ring, sizeof(struct chunk) + (ROOM), 0); \
    if (!NAME && !crowded()) NAME = bpf_ringbuf_reserve(&ring, sizeof(struct chunk) + (ROOM), 0)

/* A record of a kind that may take the whole ring, or must leave some of it; whether it was lost. */
static __always_inline bool output(void *record, u64 size, bool whole, bool now)
{
    if (!whole && crowded()) return 1;
    for (int tries = 0; tries < 8; tries++) {
        if (!bpf_ringbuf_output(&ring, record, size, wake(size, now))) return 0;
        if (!whole && crowded()) return 1;
    }
    return 1;
}

static __always_inline void send(struct rec *r, bool now)
{
    u64 size = (u64)r->len[0] + r->len[1] + r->len[2] + r->len[3];
    asm volatile("" : "+r"(size));
    if (size > 2 * TEXT) return;
    size += __builtin_offsetof(struct rec, data);
    count(output(r, size, r->h.kind <= EV_EXIT, now) ? LOST_EVENTS : COUNT_EVENTS, 1);
}
