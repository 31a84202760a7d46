/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* Plaintext of TLS libraries with OpenSSL's calls (OpenSSL, LibreSSL, BoringSSL) and of GnuTLS, whose calls have the same shape. */
#pragma once

#include "payload.h"

static __always_inline struct call *call_of_thread(u64 flags)
{
    return bpf_task_storage_get(&calls, bpf_get_current_task_btf(), 0, flags);
}

static __always_inline int ssl_enter(u64 ssl, u64 buffer, u64 length_at)
{
    struct scope *s = watched(bpf_get_current_pid_tgid() >> 32);
    if (!s || !(s->flags & WANT_TLS)) return 0;
    struct call *call = call_of_thread(BPF_LOCAL_STORAGE_GET_F_CREATE);
    if (!call) {
        count(LOST_DATA, 1);
        return 0;
    }
    call->ssl = ssl; call->buffer = buffer; call->length_at = length_at;
    call->time = bpf_ktime_get_boot_ns();
    call->fd = -1; call->active = 1;
    return 0;
}

static __always_inline struct ssl *connection(struct ssl_key *key, u64 now)
{
    struct ssl *known = bpf_map_lookup_elem(&ssls, key);
    if (known) return known;
    struct ssl fresh = {.generation = now, .fd = -1};
    bpf_map_update_elem(&ssls, key, &fresh, BPF_NOEXIST);
    return bpf_map_lookup_elem(&ssls, key);
}

/* One operation on a connection: its handle, buffer, time, size and direction are given. */
static __always_inline void tell_plaintext(const struct scope *s, struct ssl *ssl, struct transfer *t)
{
    t->s = *s;
    t->generation = ssl->generation;
    t->size = t->total;
    t->operation = __sync_fetch_and_add(&ssl->operations[t->direction], 1);
    t->kind = EV_TLS;
    t->guessed = ssl->guessed;
    ends_of_connection(ssl, &t->ends);
    tell_payload(t);
}

static __always_inline int ssl_leave(s64 result, u8 direction)
{
    u32 pid = bpf_get_current_pid_tgid() >> 32;
    struct call *call = call_of_thread(0);
    if (!call || !call->active) return 0;
    call->active = 0;
    s64 size = (s32)result;
    if (call->length_at) { /* the _ex calls return 1 and give the length through a pointer */
        u64 length = 0;
        if (size == 1 && bpf_probe_read_user(&length, sizeof(length), (void *)call->length_at)) count(LOST_UNREADABLE, 1);
        size = length;
    }
    struct scope *s = size > 0 ? watched(pid) : 0;
    struct ssl_key key = {.pid = pid, .ssl = call->ssl};
    struct ssl *ssl = s ? connection(&key, call->time) : 0;
    if (!ssl) return 0;
    if (call->fd >= 0) {
        ssl->fd = call->fd;
        ssl->guessed = 0;
    } else if (ssl->fd < 0 && direction == DIRECTION_OUT) call->waiting = call->ssl; /* the library has no socket: the next one that this thread uses */
    struct transfer t = {.handle = call->ssl, .buffer = call->buffer, .time = call->time, .total = size, .direction = direction};
    tell_plaintext(s, ssl, &t);
    return 0;
}

SEC("uprobe") int BPF_KPROBE(ssl_write, u64 ssl, u64 buffer) { return ssl_enter(ssl, buffer, 0); }
SEC("uprobe") int BPF_KPROBE(ssl_read, u64 ssl, u64 buffer) { return ssl_enter(ssl, buffer, 0); }
SEC("uprobe") int BPF_KPROBE(ssl_write_ex, u64 ssl, u64 buffer, u64 n, u64 length_at) { return ssl_enter(ssl, buffer, length_at); }
SEC("uprobe") int BPF_KPROBE(ssl_read_ex, u64 ssl, u64 buffer, u64 n, u64 length_at) { return ssl_enter(ssl, buffer, length_at); }
SEC("uretprobe") int BPF_KRETPROBE(ssl_write_return, long result) { return ssl_leave(result, DIRECTION_OUT); }
SEC("uretprobe") int BPF_KRETPROBE(ssl_read_return, long result) { return ssl_leave(result, DIRECTION_IN); }

SEC("uprobe")
int BPF_KPROBE(ssl_set_fd, u64 ssl, int fd)
{
    struct ssl_key key = {.pid = bpf_get_current_pid_tgid() >> 32, .ssl = ssl};
    if (!watched(key.pid)) return 0;
    struct ssl *known = connection(&key, bpf_ktime_get_boot_ns());
    if (known) {
        known->fd = fd;
        known->guessed = 0;
    }
    return 0;
}

static __always_inline void tell_end(const struct scope *s, struct ssl_key *key)
{
    struct ssl *known = bpf_map_lookup_elem(&ssls, key);
    if (!known) return;
    RESERVE(c, 0);
    if (c) {
        struct transfer t = {.s = *s, .handle = key->ssl, .generation = known->generation, .time = bpf_ktime_get_boot_ns(), .kind = EV_END};
        describe(c, &t, 0);
        bpf_ringbuf_submit(c, wake(sizeof(*c), 0));
        count(COUNT_EVENTS, 1);
    } else count(LOST_EVENTS, 1);
    bpf_map_delete_elem(&ssls, key);
}

static __always_inline int ssl_end(u64 ssl)
{
    struct ssl_key key = {.pid = bpf_get_current_pid_tgid() >> 32, .ssl = ssl};
    struct scope *s = watched(key.pid);
    if (s) tell_end(s, &key);
    return 0;
}

SEC("uprobe") int BPF_KPROBE(ssl_free, u64 ssl) { return ssl_end(ssl); }

/* The process leaves a connection without TLS. A global function: the verifier reads it once. */
__noinline int end_http(const struct scope *s, u64 inode)
{
    if (!s) return 0;
    struct ssl_key key = {.pid = bpf_get_current_pid_tgid() >> 32, .ssl = HTTP_HANDLE | inode};
    tell_end(s, &key);
    return 0;
}

/* A call of a thread on a socket: inside SSL_read or SSL_write it is that connection's socket; after an SSL_write to memory it is so probably. */
static __always_inline void match_socket(u32 pid, s32 fd, struct file *file, bool out)
{
    struct call *call = call_of_thread(0);
    if (!call) return;
    if (call->active) {
        call->fd = fd;
        return;
    }
    if (!call->waiting || !out) return;
    u16 type = 0, family = BPF_CORE_READ(sock_of(file, &type), __sk_common.skc_family);
    if (type != SOCKET_STREAM || (family != INET && family != INET6)) return;
    struct ssl_key key = {.pid = pid, .ssl = call->waiting};
    struct ssl *ssl = bpf_map_lookup_elem(&ssls, &key);
    if (ssl && ssl->fd < 0) {
        ssl->fd = fd;
        ssl->guessed = 1;
    }
    call->waiting = 0;
}
