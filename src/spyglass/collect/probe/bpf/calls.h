/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* Numbers of the system calls that the agent looks at; negative where a machine has no such call. */
#pragma once

#include "kernel.h"

#if defined(__TARGET_ARCH_x86)
enum {
    N_read = 0, N_write = 1, N_open = 2, N_close = 3, N_pread = 17, N_pwrite = 18, N_readv = 19, N_writev = 20, N_dup2 = 33, N_sendfile = 40,
    N_connect = 42, N_accept = 43, N_sendto = 44, N_recvfrom = 45, N_sendmsg = 46, N_recvmsg = 47, N_getsockopt = 55, N_execve = 59, N_truncate = 76, N_ftruncate = 77,
    N_rename = 82, N_mkdir = 83, N_rmdir = 84, N_creat = 85, N_link = 86, N_unlink = 87, N_symlink = 88, N_chmod = 90, N_fchmod = 91, N_chown = 92,
    N_fchown = 93, N_lchown = 94, N_openat = 257, N_mkdirat = 258, N_fchownat = 260, N_unlinkat = 263, N_renameat = 264, N_linkat = 265,
    N_symlinkat = 266, N_fchmodat = 268, N_splice = 275, N_accept4 = 288, N_dup3 = 292, N_preadv = 295, N_pwritev = 296, N_recvmmsg = 299,
    N_sendmmsg = 307, N_renameat2 = 316, N_execveat = 322, N_copy_file_range = 326, N_preadv2 = 327, N_pwritev2 = 328,
};
#else
enum {
    N_open = -1, N_dup2 = -2, N_rename = -3, N_mkdir = -4, N_rmdir = -5, N_creat = -6, N_link = -7, N_unlink = -8, N_symlink = -9, N_chmod = -10,
    N_chown = -11, N_lchown = -12,
    N_dup3 = 24, N_mkdirat = 34, N_unlinkat = 35, N_symlinkat = 36, N_linkat = 37, N_renameat = 38, N_truncate = 45, N_ftruncate = 46, N_fchmod = 52,
    N_fchmodat = 53, N_fchownat = 54, N_fchown = 55, N_openat = 56, N_close = 57, N_read = 63, N_write = 64, N_readv = 65, N_writev = 66, N_pread = 67,
    N_pwrite = 68, N_preadv = 69, N_pwritev = 70, N_sendfile = 71, N_splice = 76, N_accept = 202, N_connect = 203, N_sendto = 206, N_recvfrom = 207,
    N_getsockopt = 209, N_sendmsg = 211, N_recvmsg = 212, N_execve = 221, N_accept4 = 242, N_recvmmsg = 243, N_sendmmsg = 269, N_renameat2 = 276, N_execveat = 281,
    N_copy_file_range = 285, N_preadv2 = 286, N_pwritev2 = 287,
};
#endif
enum { N_close_range = 436, N_openat2 = 437, N_fchmodat2 = 452 }; /* numbered alike everywhere */

enum { CALL_NONE, CALL_OPEN, CALL_CHANGE, CALL_READ, CALL_WRITE, CALL_COPY, CALL_CONNECT, CALL_ACCEPT, CALL_OPTION };
enum { /* changes, as layout.py names them */
    CHANGE_DELETE = 1, CHANGE_RENAME, CHANGE_MKDIR, CHANGE_RMDIR, CHANGE_CHMOD, CHANGE_CHOWN, CHANGE_TRUNCATE, CHANGE_LINK, CHANGE_SYMLINK,
};

static __always_inline u32 class_of(long nr)
{
    switch (nr) {
    case N_read: case N_pread: case N_readv: case N_preadv: case N_preadv2: case N_recvfrom: case N_recvmsg: case N_recvmmsg:
        return CALL_READ;
    case N_write: case N_pwrite: case N_writev: case N_pwritev: case N_pwritev2: case N_sendto: case N_sendmsg: case N_sendmmsg:
        return CALL_WRITE;
    case N_sendfile: case N_splice: case N_copy_file_range:
        return CALL_COPY;
    case N_open: case N_creat: case N_openat: case N_openat2:
        return CALL_OPEN;
    case N_connect:
        return CALL_CONNECT;
    case N_accept: case N_accept4:
        return CALL_ACCEPT;
    case N_getsockopt:
        return CALL_OPTION;
    case N_truncate: case N_ftruncate: case N_rename: case N_renameat: case N_renameat2: case N_mkdir: case N_mkdirat: case N_rmdir: case N_link:
    case N_linkat: case N_unlink: case N_unlinkat: case N_symlink: case N_symlinkat: case N_chmod: case N_fchmod: case N_fchmodat: case N_fchmodat2:
    case N_chown: case N_lchown: case N_fchown: case N_fchownat:
        return CALL_CHANGE;
    }
    return CALL_NONE;
}
