// The control groups of a sandbox: what it starts is in them from its first instruction on, and the launcher
// never is.
//
// To move a process by `cgroup.procs` takes the kernel some ten milliseconds, twice what bwrap takes for the
// whole sandbox: it first waits until no processor is in the middle of a fork. Two ways do not need that: a
// single thread that moves itself (version 1), and a process that is made inside its group (version 2).

#include "sandbox-init.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/sched.h>
#include <signal.h>
#include <sys/syscall.h>
#include <unistd.h>

static pid_t fork_into(const char *folder) {
    int group = open(folder, O_PATH | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
    if (group < 0) fail(EXIT_PREPARE, errno, "cannot open the control group %s", folder);
    struct clone_args arguments = {
        .flags = CLONE_INTO_CGROUP,
        .exit_signal = SIGCHLD,
        .cgroup = (unsigned)group,
    };
    pid_t child = (pid_t)syscall(SYS_clone3, &arguments, sizeof arguments);
    if (child < 0) fail(EXIT_PREPARE, errno, "cannot start a process in the control group %s", folder);
    close(group);
    return child;
}

static void enter(const char *tasks) {
    int entrance = open(tasks, O_WRONLY | O_CLOEXEC | O_NOFOLLOW);
    // 0 stands for the thread that writes.
    if (entrance < 0 || write(entrance, "0", 1) != 1)
        fail(EXIT_PREPARE, errno, "cannot enter the control group %s", tasks);
    close(entrance);
}

pid_t fork_into_groups(const struct groups *groups) {
    pid_t child = groups->folder != NULL ? fork_into(groups->folder) : fork();
    if (child < 0) fail(EXIT_PREPARE, errno, "cannot fork");
    if (child > 0) return child;
    for (size_t index = 0; index < groups->tasks_count; index++) enter(groups->tasks[index]);
    return 0;
}
