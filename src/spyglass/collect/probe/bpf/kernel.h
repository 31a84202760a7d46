/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* The few kernel types and fields that the agent reads. Their offsets are relocated at load time from the running kernel's BTF,
 * so only names matter here: order, size and everything left out do not. */
#pragma once

#include <linux/types.h>
#include <linux/bpf.h>

#define __VMLINUX_H__ /* bpf_tracing.h then uses the kernel's names of registers */
#if defined(__TARGET_ARCH_x86)
struct pt_regs {
    unsigned long r15, r14, r13, r12, bp, bx, r11, r10, r9, r8, ax, cx, dx, si, di, orig_ax, ip, cs, flags, sp, ss;
};
#elif defined(__TARGET_ARCH_arm64)
struct user_pt_regs {
    __u64 regs[31], sp, pc, pstate;
};
struct pt_regs {
    struct user_pt_regs user_regs;
    __u64 orig_x0;
    __s32 syscallno;
};
#endif
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>
#include <bpf/bpf_core_read.h>

typedef __u8 u8;
typedef __s8 s8;
typedef __u16 u16;
typedef __u32 u32;
typedef __u64 u64;
typedef __s32 s32;
typedef __s64 s64;
typedef _Bool bool;

#pragma clang attribute push(__attribute__((preserve_access_index)), apply_to = record)
typedef struct { int counter; } atomic_t;
typedef struct { u32 val; } kuid_t;
struct thread_info { unsigned long flags; u32 status; };
struct cred { kuid_t uid, euid, suid; };
struct task_io_accounting { u64 rchar, wchar; };
struct signal_struct {
    atomic_t live;
    int group_exit_code;
    unsigned long maxrss;
    struct task_io_accounting ioac;
    unsigned long long sum_sched_runtime;
};
struct sched_entity { u64 sum_exec_runtime; };
struct mm_struct { unsigned long arg_start, arg_end; };
struct qstr { u32 len; const unsigned char *name; };
struct dentry { struct dentry *d_parent; struct qstr d_name; };
struct super_block { u32 s_dev; };
struct timespec64 { s64 tv_sec; long tv_nsec; };
struct inode {
    unsigned short i_mode;
    unsigned long i_ino;
    long long i_size;
    struct super_block *i_sb;
    s64 i_mtime_sec; /* since Linux 6.11 */
    u32 i_mtime_nsec;
};
struct inode___6_7 { struct timespec64 __i_mtime; };
struct inode___5 { struct timespec64 i_mtime; };
struct vfsmount { struct dentry *mnt_root; };
struct mount { struct mount *mnt_parent; struct dentry *mnt_mountpoint; struct vfsmount mnt; };
struct path { struct vfsmount *mnt; struct dentry *dentry; };
struct fs_struct { struct path root, pwd; };
struct file { struct path f_path; struct inode *f_inode; void *private_data; u32 f_mode; };
struct fdtable { unsigned int max_fds; struct file **fd; };
struct files_struct { struct fdtable *fdt; };
struct in6_addr { u8 b[16]; };
struct sock_common {
    u64 skc_addrpair; /* the far address, then the near one */
    u32 skc_portpair; /* the far port as it is sent, then the near one as a number */
    u16 skc_family;
    volatile unsigned char skc_state;
    struct in6_addr skc_v6_daddr, skc_v6_rcv_saddr;
};
struct sock { struct sock_common __sk_common; int sk_err; struct socket *sk_socket; };
struct socket { short type; struct file *file; struct sock *sk; };
struct linux_binprm { const char *filename; struct file *file; int argc; };
struct task_struct {
    struct thread_info thread_info;
    int pid, tgid;
    struct task_struct *real_parent, *group_leader;
    struct mm_struct *mm;
    struct fs_struct *fs;
    struct files_struct *files;
    struct signal_struct *signal;
    const struct cred *cred;
    u64 start_boottime;
    int exit_code;
    struct task_io_accounting ioac;
    struct sched_entity se;
};
#pragma clang attribute pop

#define S_FORMAT 0170000
#define S_SOCKET 0140000
#define S_REGULAR 0100000
#define S_PIPE 0010000
#define MODE_CREATED (1u << 20) /* FMODE_CREATED: this open made the file */
