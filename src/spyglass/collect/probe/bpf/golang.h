/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* Plaintext of Go's crypto/tls: (*Conn).Write as it begins, (*Conn).Read where it returns (Go moves stacks, so a return probe would break it), (*Conn).Close.
 *
 * Arguments are in Go's own registers. Where Read returns, the words above the stack pointer still hold them: its caller keeps room for that, and golang.py
 * probes only programs that put them there. Neither threads nor goroutines matter, so nothing is kept between begin and end. */
#pragma once

#include "tls.h"

#if defined(__TARGET_ARCH_x86)
#define GO_FIRST(regs) ((regs)->ax)
#define GO_SECOND(regs) ((regs)->bx)
#define GO_THIRD(regs) ((regs)->cx)
#else
#define GO_FIRST(regs) PT_REGS_PARM1(regs)
#define GO_SECOND(regs) PT_REGS_PARM2(regs)
#define GO_THIRD(regs) PT_REGS_PARM3(regs)
#endif

/* The descriptor below a tls.Conn: its first field is an interface, whose data is a *net.TCPConn, which points at a netFD, which begins with a poll.FD.
 * Anything else between them leads to numbers that are no descriptors of sockets. */
static __always_inline s32 descriptor_of(u64 link)
{
    u64 at = 0, descriptor = 0;
    if (bpf_probe_read_user(&at, sizeof(at), (void *)(link + 8)) || !at) return -1;
    if (bpf_probe_read_user(&at, sizeof(at), (void *)at) || !at) return -1;
    if (bpf_probe_read_user(&descriptor, sizeof(descriptor), (void *)(at + 16))) return -1;
    return descriptor < 0x7fffffff ? (s32)descriptor : -1;
}

static __always_inline int tell_go(u64 link, u64 buffer, s64 size, u8 direction)
{
    struct ssl_key key = {.pid = bpf_get_current_pid_tgid() >> 32, .ssl = link};
    struct scope *s = size > 0 ? watched(key.pid) : 0;
    if (!s || !(s->flags & WANT_TLS)) return 0;
    u64 now = bpf_ktime_get_boot_ns();
    struct ssl *ssl = connection(&key, now);
    if (!ssl) return 0;
    if (ssl->fd < 0) ssl->fd = descriptor_of(link);
    struct transfer t = {.handle = link, .buffer = buffer, .time = now, .total = size, .direction = direction};
    tell_plaintext(s, ssl, &t);
    return 0;
}

SEC("uprobe")
int go_write(struct pt_regs *regs)
{
    return tell_go(GO_FIRST(regs), GO_SECOND(regs), GO_THIRD(regs), DIRECTION_OUT);
}

SEC("uprobe")
int go_read_return(struct pt_regs *regs)
{
    struct { u64 link, buffer, size; } given = {};
    s64 size = GO_FIRST(regs);
    if (size <= 0 || !watched(bpf_get_current_pid_tgid() >> 32)) return 0;
    if (bpf_probe_read_user(&given, sizeof(given), (void *)(PT_REGS_SP(regs) + 8)) || (u64)size > given.size) {
        count(LOST_UNREADABLE, 1);
        return 0;
    }
    return tell_go(given.link, given.buffer, size, DIRECTION_IN);
}

SEC("uprobe")
int go_close(struct pt_regs *regs)
{
    return ssl_end(GO_FIRST(regs));
}
