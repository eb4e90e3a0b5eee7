// `probe`: tries, from inside a sandbox, what must not work there, and beside it what must.
//
//   sandbox-init probe --secret FILE --outside FOLDER --variables NAME,NAME…
//
// Run as the sandbox's command. Prints one line per check: its name, `passed` or `failed`, and what was seen,
// with tabs between. The caller knows which names to expect: a check that does not report has not passed.

#include "sandbox-init.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/keyctl.h>
#include <linux/vm_sockets.h>
#include <netinet/in.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

extern char **environ;

static void report(const char *name, bool passed, const char *format, const char *subject, int error) {
    char detail[384];
    snprintf(detail, sizeof detail, format, subject);
    const char *verdict = passed ? "passed" : "failed";
    printf("%s\t%s\t%s%s%s\n", name, verdict, detail, error ? ": " : "", error ? strerror(error) : "");
}

/// Passes when the file cannot be opened that way.
static void refuses_open(const char *name, const char *path, int flags) {
    errno = 0;
    int file = open(path, flags | O_CLOEXEC, 0600);
    report(name, file < 0, "opening %s", path, file < 0 ? errno : 0);
    if (file < 0) return;
    close(file);
    if (flags & O_CREAT) unlink(path);
}

static void works_open(const char *name, const char *path) {
    errno = 0;
    int file = open(path, O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0600);
    report(name, file >= 0, "writing %s", path, file < 0 ? errno : 0);
    if (file < 0) return;
    close(file);
    unlink(path);
}

/// Passes when the call answered EPERM or ENOSYS, as the filter does.
static void refuses_call(const char *name, const char *call, long answer) {
    int error = errno;
    report(name, answer < 0 && (error == EPERM || error == ENOSYS), "%s", call, answer < 0 ? error : 0);
}

static void environment_is_clean(const char *allowed) {
    refuses_open("environment of process 1", "/proc/1/environ", O_RDONLY);
    refuses_open("memory of process 1", "/proc/1/mem", O_RDWR);

    for (char **entry = environ; *entry != NULL; entry++) {
        size_t length = strcspn(*entry, "=");
        bool found = false;
        for (const char *name = allowed; !found && *name != '\0';) {
            size_t name_length = strcspn(name, ",");
            found = name_length == length && strncmp(name, *entry, length) == 0;
            name += name_length;
            if (*name == ',') name++;
        }
        // bwrap says in PWD where it changed to; that is the worktree.
        if (found || (length == 3 && strncmp(*entry, "PWD", 3) == 0)) continue;
        (*entry)[length] = '\0';
        report("environment", false, "%s is set", *entry, 0);
        return;
    }
    report("environment", true, "%s", "only what was given", 0);
}

static void network_is_absent(void) {
    int file = open("/proc/net/dev", O_RDONLY | O_CLOEXEC);
    char text[8192];
    ssize_t count = file < 0 ? -1 : read(file, text, sizeof text - 1);
    if (file >= 0) close(file);
    text[count < 0 ? 0 : count] = '\0';
    int interfaces = 0;
    bool has_loopback = strstr(text, "lo:") != NULL;
    for (const char *character = text; *character != '\0'; character++) interfaces += *character == ':';
    report("network interfaces", has_loopback && interfaces == 1, "%s",
           interfaces == 1 ? "loopback only" : "not just loopback", 0);

    int outward = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(53)};
    address.sin_addr.s_addr = htonl(0xC0000201);  // 192.0.2.1, which documentation may name and nobody has
    errno = 0;
    int answer = outward < 0 ? -1 : connect(outward, (struct sockaddr *)&address, sizeof address);
    report("network route", answer < 0, "%s", "a route to another machine", errno);
    if (outward >= 0) close(outward);

    errno = 0;
    int host = socket(AF_VSOCK, SOCK_STREAM | SOCK_CLOEXEC, 0);
    report("network vsock", host < 0, "%s", "a socket to the hypervisor", errno);
    if (host >= 0) close(host);
}

static void status_says(const char *name, const char *key, const char *value) {
    char text[4096];
    int file = open("/proc/self/status", O_RDONLY | O_CLOEXEC);
    ssize_t count = file < 0 ? -1 : read(file, text, sizeof text - 1);
    if (file >= 0) close(file);
    text[count < 0 ? 0 : count] = '\0';
    const char *line = strstr(text, key);
    const char *seen = line == NULL ? "" : line + strlen(key);
    seen += strspn(seen, "\t ");
    bool is_so = line != NULL && strncmp(seen, value, strlen(value)) == 0 && seen[strlen(value)] == '\n';
    report(name, is_so, is_so ? "%s as it should be" : "%s is otherwise", key, 0);
}

/// 1 is the one value at which the kernel neither writes a dump nor starts the host's own program for dumps.
static void core_limit_is_one(void) {
    struct rlimit core = {0};
    bool is_so = getrlimit(RLIMIT_CORE, &core) == 0 && core.rlim_cur == 1 && core.rlim_max == 1;
    report("core limit", is_so, "%s", is_so ? "1 byte, at which nothing is dumped" : "not 1 byte", 0);
}

int probe(int argc, char **argv) {
    const char *secret = NULL, *outside = NULL, *variables = NULL;
    for (int index = 0; index < argc; index += 2) {
        if (index + 1 >= argc) fail(EXIT_USAGE, 0, "%s needs a value", argv[index]);
        if (strcmp(argv[index], "--secret") == 0) secret = argv[index + 1];
        else if (strcmp(argv[index], "--outside") == 0) outside = argv[index + 1];
        else if (strcmp(argv[index], "--variables") == 0) variables = argv[index + 1];
        else fail(EXIT_USAGE, 0, "probe does not know '%s'", argv[index]);
    }
    if (secret == NULL || outside == NULL || variables == NULL) {
        fail(EXIT_USAGE, 0, "probe needs --secret, --outside and --variables");
    }
    char beside[4096];
    snprintf(beside, sizeof beside, "%s/graftwork-probe", outside);

    refuses_open("secret outside", secret, O_RDONLY);
    refuses_open("core pattern", "/proc/sys/kernel/core_pattern", O_WRONLY);
    core_limit_is_one();
    refuses_open("write beside the worktree", beside, O_CREAT | O_EXCL | O_WRONLY);
    refuses_open("write to /usr", "/usr/graftwork-probe", O_CREAT | O_EXCL | O_WRONLY);
    refuses_open("write to /etc", "/etc/passwd", O_WRONLY);
    refuses_open("write to /", "/graftwork-probe", O_CREAT | O_EXCL | O_WRONLY);
    works_open("worktree is writable", "graftwork-probe");
    works_open("home is writable", "/home/agent/graftwork-probe");
    works_open("temporary folder is writable", "/tmp/graftwork-probe");
    environment_is_clean(variables);
    network_is_absent();
    status_says("filter", "Seccomp:", "2");
    status_says("no new privileges", "NoNewPrivs:", "1");
    status_says("no capabilities", "CapEff:", "0000000000000000");
    errno = 0;
    refuses_call("filter refuses unshare", "unshare", syscall(SYS_unshare, CLONE_NEWUSER));
    errno = 0;
    refuses_call("filter refuses keyctl", "keyctl",
                 syscall(SYS_keyctl, KEYCTL_GET_KEYRING_ID, KEY_SPEC_SESSION_KEYRING, 0));
    errno = 0;
    refuses_call("filter refuses ptrace", "ptrace", syscall(SYS_ptrace, PTRACE_TRACEME, 0, 0, 0));
    errno = 0;
    refuses_call("filter refuses new calls", "system call 450", syscall(450, 0, 0, 0));
    fflush(stdout);
    return 0;
}
