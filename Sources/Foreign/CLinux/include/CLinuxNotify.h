// Seccomp user notification: the structures and requests of <linux/seccomp.h> and the variadic ioctl, which
// Swift cannot use. Every function returns a non-negative value, or -errno.
#pragma once

#pragma clang assume_nonnull begin

// Waits for the one descriptor that comes through a connected socket (SCM_RIGHTS). -ECONNRESET: the other
// end is gone and sent none.
int CLinux_receive_descriptor(int socket);

// Asks the kernel to go on with whoever waits on the processor that woke it, since Linux 6.6
// (SECCOMP_IOCTL_NOTIF_SET_FLAGS): the two sides of a call never run at the same time, and waking an idle
// processor takes longer than what they say to each other. -EINVAL where the kernel does not know it.
int CLinux_wake_in_place(int listener);

// One system call that waits. `call` 0 is execve, 1 execveat; `arguments` as the caller gave them.
struct CLinux_notice {
    unsigned long long id;
    int thread;
    int call;
    unsigned long long arguments[6];
};

// Waits until a call comes: 1. 0: nobody is left who could make one. -ENOENT: it came and is gone already.
int CLinux_next_notice(int listener, struct CLinux_notice *notice);
// `error` 0 lets the call go on; otherwise it fails with that errno. -ENOENT: its caller is gone.
int CLinux_answer_notice(int listener, unsigned long long id, int error);
// 0 while the caller still waits, so that what was read of it was read of it; else -ENOENT.
int CLinux_notice_stands(int listener, unsigned long long id);

// Copies what is readable of another process's memory from there on; the number of bytes, which is less than
// asked for where its memory ends.
long CLinux_read_memory(int process, unsigned long long address, void *bytes, long count);

// The type bits and mode of a file as a process with that root would find it: links are followed and never
// lead out. Returns st_mode.
int CLinux_mode_within(int root, const char *path);

#pragma clang assume_nonnull end
