/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* Sockets: both ends, connections asked for and taken, messages to and from name servers. */
#pragma once

#include "paths.h"

#define UNIX 1
#define INET 2
#define INET6 10
#define SOCKET_STREAM 1
#define SOCKET_DATAGRAM 2
#define PORT_DNS 53
#define DATAGRAM_BYTES 512
#define EINPROGRESS (-115)
#define TCP_SYN_SENT 2
#define TCP_CLOSE 7
#define OPTION_SOCKET 1 /* SOL_SOCKET */
#define OPTION_ERROR 4  /* SO_ERROR */

static __always_inline struct sock *sock_of(struct file *file, u16 *type)
{
    struct socket *socket = BPF_CORE_READ(file, private_data);
    *type = BPF_CORE_READ(socket, type);
    return BPF_CORE_READ(socket, sk);
}

static __always_inline void ends_of(struct sock *sk, struct ends *e)
{
    e->family = BPF_CORE_READ(sk, __sk_common.skc_family);
    if (e->family != INET && e->family != INET6) return;
    u32 ports = BPF_CORE_READ(sk, __sk_common.skc_portpair);
    e->local_port = ports >> 16;
    e->remote_port = __builtin_bswap16((u16)ports);
    if (e->family == INET) {
        u64 addresses = BPF_CORE_READ(sk, __sk_common.skc_addrpair);
        *(u32 *)e->local = addresses >> 32;
        *(u32 *)e->remote = (u32)addresses;
    } else if (bpf_core_field_exists(sk->__sk_common.skc_v6_daddr)) {
        bpf_probe_read_kernel(e->local, 16, &sk->__sk_common.skc_v6_rcv_saddr);
        bpf_probe_read_kernel(e->remote, 16, &sk->__sk_common.skc_v6_daddr);
    }
}

/* Both ends as the first string of a record that has none yet; `mode` says the type of the socket. */
static __always_inline void add_ends(struct rec *r, struct file *file)
{
    u16 type = 0;
    struct ends e = {};
    struct sock *sk = sock_of(file, &type);
    ends_of(sk, &e);
    r->mode = type;
    __builtin_memcpy(r->data, &e, sizeof(e));
    r->len[0] = sizeof(e);
}

/* The address that the program gave (as in connect) or got, as a `struct sockaddr`, in the second string. */
static __always_inline void add_address(struct rec *r, u64 address, u32 size)
{
    u64 n = size;
    asm volatile("" : "+r"(n));
    if (n > ADDRESS) n = ADDRESS;
    if (r->len[0] != sizeof(struct ends)) return;
    if (bpf_probe_read_user(&r->data[sizeof(struct ends)], n, (void *)address)) count(LOST_UNREADABLE, 1);
    else r->len[1] = n;
}

struct message { u64 name; u32 name_size, pad; u64 vectors, vector_count; };
struct vector { u64 at, size; };

/* The port of a socket address in user memory; 0 when it is not of IP. */
static __always_inline u16 port_at(u64 address)
{
    struct { u16 family, port; } a = {};
    if (!address || bpf_probe_read_user(&a, sizeof(a), (void *)address)) return 0;
    return a.family == INET || a.family == INET6 ? __builtin_bswap16(a.port) : 0;
}

struct packet { u64 name, buffer, size; bool out; }; /* `name`: the other end, where the call names it */

/* Tells a datagram when it goes to or comes from a name server. */
static __noinline void tell_datagram(const struct scope *s, struct file *file, const struct packet *p)
{
    u64 name = p->name, size = p->size;
    struct socket *socket = BPF_CORE_READ(file, private_data);
    if (BPF_CORE_READ(socket, type) != SOCKET_DATAGRAM || !size) return;
    struct sock *sk = BPF_CORE_READ(socket, sk);
    struct ends e = {};
    ends_of(sk, &e);
    if (e.family != INET && e.family != INET6) return;
    if (e.remote_port != PORT_DNS) {
        if (port_at(name) != PORT_DNS) return;
        struct { u16 family, port; u32 rest[6]; } a = {};
        bpf_probe_read_user(&a, 8, (void *)name);
        if (a.family == INET6) bpf_probe_read_user(&a, sizeof(a), (void *)name);
        e.family = a.family; e.remote_port = PORT_DNS;
        __builtin_memcpy(e.remote, a.family == INET ? &a.rest[0] : &a.rest[1], 16);
    }
    RESERVE(c, DATAGRAM_BYTES);
    if (!c) {
        count(LOST_EVENTS, 1);
        return;
    }
    fill(&c->h, EV_DATAGRAM, s, bpf_ktime_get_boot_ns());
    u64 n = size < DATAGRAM_BYTES ? size : DATAGRAM_BYTES;
    asm volatile("" : "+r"(n));
    if (n > DATAGRAM_BYTES) n = DATAGRAM_BYTES;
    c->handle = BPF_CORE_READ(file, f_inode, i_ino); c->generation = 0;
    c->total = size; c->offset = 0; c->size = n; c->operation = 0;
    c->family = e.family; c->local_port = e.local_port; c->remote_port = e.remote_port;
    c->direction = p->out; c->guessed = 0;
    __builtin_memcpy(c->local, e.local, 16);
    __builtin_memcpy(c->remote, e.remote, 16);
    if (bpf_probe_read_user(c->data, n, (void *)p->buffer)) {
        c->size = 0;
        count(LOST_UNREADABLE, 1);
    }
    bpf_ringbuf_submit(c, wake(sizeof(*c) + DATAGRAM_BYTES, 0));
    count(COUNT_EVENTS, 1);
}

/* The first message to somebody over a socket without a connection: told like a connection, with a mark. A global function: the verifier reads it once. */
__noinline int tell_peer(const struct scope *s, u64 socket, u64 name)
{
    struct file *file = (void *)socket;
    if (!s) return 0;
    struct { u16 family, port; u32 rest[6]; } a = {};
    u16 type = 0;
    sock_of(file, &type);
    if (type != SOCKET_DATAGRAM || bpf_probe_read_user(&a, 16, (void *)name) || !a.port) return 0;
    if (a.family == INET6 && bpf_probe_read_user(&a, sizeof(a), (void *)name)) return 0;
    if (a.family != INET && a.family != INET6) return 0;
    struct peer_key key = {.pid = bpf_get_current_pid_tgid() >> 32, .family = a.family, .port = a.port, .inode = BPF_CORE_READ(file, f_inode, i_ino)};
    if (a.family == INET) __builtin_memcpy(key.address, &a.rest[0], 4);
    else __builtin_memcpy(key.address, &a.rest[1], 16);
    u32 told = 1;
    if (bpf_map_update_elem(&peers, &key, &told, BPF_NOEXIST)) return 0;
    struct rec *r = begin(SCRATCH_LEAVE, EV_CONNECT, s);
    if (!r) return 0;
    r->flags = 1;
    r->v[5] = key.inode;
    add_ends(r, file);
    add_address(r, name, a.family == INET ? 16 : 28);
    send(r, 0);
    return 0;
}

/* A connection that a program did not wait for came to nothing: told in the name of whoever asked for it, and once, by whoever comes first of those who see the
 * error: `outcome`, `on_state` and `on_option`. */
static __noinline void tell_failure(struct begun *begun, s32 error)
{
    if (__sync_val_compare_and_swap(&begun->flags, 0, 1)) return;
    u64 size = (u64)begun->len[0] + begun->len[1];
    asm volatile("" : "+r"(size));
    if (size > sizeof(begun->data)) return;
    size += __builtin_offsetof(struct begun, data);
    begun->h.time = bpf_ktime_get_boot_ns();
    begun->result = -error;
    count(output(begun, size, 0, 0) ? LOST_EVENTS : COUNT_EVENTS, 1);
}

/* What became of a connection that was under way when the call returned: it may have been refused at once, or else it is told when it is. */
static __always_inline s32 outcome(struct file *file, struct rec *r)
{
    u16 type = 0;
    u64 sk = (u64)sock_of(file, &type);
    if (type != SOCKET_STREAM) return EINPROGRESS;
    bpf_map_update_elem(&connecting, &sk, r, BPF_ANY); /* before the look at the error, which another CPU may set */
    s32 error = BPF_CORE_READ((struct sock *)sk, sk_err);
    struct begun *begun = error > 0 ? bpf_map_lookup_elem(&connecting, &sk) : 0;
    if (!begun || __sync_val_compare_and_swap(&begun->flags, 0, 1)) return EINPROGRESS;
    bpf_map_delete_elem(&connecting, &sk);
    return -error;
}

/* A program asks for the error of a socket, and by that takes it away, maybe before the kernel has ended the connection and `on_state` could read it. */
static __noinline void on_option(struct file *file, u64 value)
{
    u16 type = 0;
    s32 error = 0;
    u64 sk = (u64)sock_of(file, &type);
    struct begun *begun = bpf_map_lookup_elem(&connecting, &sk);
    if (!begun || begun->v[5] != BPF_CORE_READ(file, f_inode, i_ino) || bpf_probe_read_user(&error, sizeof(error), (void *)value) || error <= 0) return;
    tell_failure(begun, error);
    bpf_map_delete_elem(&connecting, &sk);
}

static __always_inline void tell_socket(const struct scope *s, struct file *file, u16 kind, s32 result, u64 address, u32 size)
{
    struct rec *r = begin(SCRATCH_LEAVE, kind, s);
    if (!r) return;
    r->result = result;
    r->v[5] = BPF_CORE_READ(file, f_inode, i_ino);
    add_ends(r, file);
    if (address) add_address(r, address, size);
    if (result == EINPROGRESS) r->result = result = outcome(file, r);
    send(r, 0);
    if (result < 0 && result != EINPROGRESS) return;
    struct io_key key = {.pid = bpf_get_current_pid_tgid() >> 32, .file = (u64)file};
    struct io fresh = {.inode = r->v[5], .opened = r->h.time, .stream = r->mode != SOCKET_STREAM ? STREAM_NONE : kind == EV_ACCEPT ? STREAM_OPAQUE : STREAM_NEW};
    bpf_map_update_elem(&ios, &key, &fresh, BPF_ANY);
}
