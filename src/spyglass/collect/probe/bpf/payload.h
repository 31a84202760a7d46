/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* Plaintext in pieces of at most 16 KiB, whole up to 1 MiB per operation; beyond that the true size is still told. */
#pragma once

#include "files.h"

struct transfer { /* one operation on a stream */
    struct scope s;
    u64 handle, generation, buffer, time;
    u32 total, size, offset, skipped; /* of the whole operation; of this buffer; within the buffer; before the buffer */
    u32 operation;
    u16 kind;
    u8 direction, guessed;
    struct ends ends;
};

static __always_inline void describe(struct chunk *c, const struct transfer *t, u32 size)
{
    fill(&c->h, t->kind, &t->s, t->time);
    c->handle = t->handle; c->generation = t->generation;
    c->total = t->total; c->offset = t->skipped + t->offset; c->size = size; c->operation = t->operation;
    c->family = t->ends.family; c->local_port = t->ends.local_port; c->remote_port = t->ends.remote_port;
    c->direction = t->direction; c->guessed = t->guessed;
    __builtin_memcpy(c->local, t->ends.local, 16);
    __builtin_memcpy(c->remote, t->ends.remote, 16);
}

/* Reserved by size class, as the size must be a constant. */
#define PIECE(ROOM) do { \
        RESERVE(c, ROOM); \
        if (!c) { count(LOST_DATA, 1); return 0; } \
        describe(c, t, size); \
        u64 n = size; \
        asm volatile("" : "+r"(n)); \
        if (n > (ROOM)) n = (ROOM); \
        if (bpf_probe_read_user(c->data, n, (void *)(t->buffer + t->offset))) { c->size = 0; count(LOST_UNREADABLE, 1); } \
        bpf_ringbuf_submit(c, wake(sizeof(struct chunk) + (ROOM), 0)); \
        count(COUNT_EVENTS, 1); \
    } while (0)

/* A global function, so that the verifier reads it once and not once per piece. */
__noinline int tell_piece(struct transfer *t)
{
    if (!t || t->offset >= t->size) return 0;
    u32 size = t->size - t->offset;
    if (size > CHUNK) size = CHUNK;
    if (size <= 256) PIECE(256);
    else if (size <= 1024) PIECE(1024);
    else if (size <= 4096) PIECE(4096);
    else PIECE(CHUNK);
    return 0;
}

static long piece_step(u32 i, struct transfer *t)
{
    tell_piece(t);
    t->offset += CHUNK;
    return t->offset >= t->size;
}

static __always_inline void tell_payload(struct transfer *t)
{
    if (t->skipped >= CHUNKS * CHUNK) return;
    t->offset = 0;
    bpf_loop(CHUNKS, piece_step, t, 0);
    if (t->size > CHUNKS * CHUNK) count(LOST_CUT, 1);
}

/* Where the socket of a connection leads; remembered once it is connected. */
static __always_inline void ends_of_connection(struct ssl *ssl, struct ends *e)
{
    struct file *file = ssl->fd >= 0 ? file_of(ssl->fd) : 0;
    if (!file) return;
    u64 inode = BPF_CORE_READ(file, f_inode, i_ino);
    if (ssl->file == (u64)file && ssl->inode == inode) {
        *e = ssl->ends;
        return;
    }
    u16 type = 0;
    if ((mode_of(file) & S_FORMAT) == S_SOCKET) ends_of(sock_of(file, &type), e);
    if (!e->remote_port || type != SOCKET_STREAM) return;
    ssl->ends = *e;
    ssl->file = (u64)file;
    ssl->inode = inode;
}
