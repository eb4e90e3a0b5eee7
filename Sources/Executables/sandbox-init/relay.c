// The relay: 127.0.0.1:PORT inside to the one unix socket that leads out.
//
// One process, one loop over poll(2), no threads: threads would count against the harness's own limit on
// processes. TCP_NODELAY on every accepted connection: without it each new one costs 45 ms (delayed
// acknowledgements). Each direction has one buffer; when it is full nothing more is read, so a slow reader
// slows its writer and no more than RELAY_CONNECTIONS_MAX * 2 * RELAY_BUFFER_BYTES is ever held.

#include "sandbox-init.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

enum {
    RELAY_BUFFER_BYTES = 64 << 10,
    RELAY_BACKLOG = 512,
    // While the gateway's own backlog is full, connecting is tried again this often.
    RELAY_RETRY_MILLISECONDS = 5,
    /// How long a connection waits for a place in the gateway's queue. Time, not tries: other connections'
    /// traffic wakes the loop far oftener than a place becomes free.
    RELAY_PATIENCE_MILLISECONDS = 20000,
};

/// Bytes on their way from one socket to the other.
struct flow {
    size_t start, end;
    bool source_ended, sink_closed;
    char bytes[RELAY_BUFFER_BYTES];
};

struct connection {
    int tcp, unix_socket;
    bool connected;
    int64_t give_up_at;
    struct flow out, in;
};

int relay_listen(unsigned short port) {
    int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (listener < 0) fail(EXIT_RELAY, errno, "cannot make the relay's socket");
    int on = 1;
    setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port)};
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (bind(listener, (struct sockaddr *)&address, sizeof address) != 0
        || listen(listener, RELAY_BACKLOG) != 0) {
        fail(EXIT_RELAY, errno, "the relay cannot listen on 127.0.0.1:%u", port);
    }
    return listener;
}

/// Ends a connection. With `reset` the client sees that the answer was cut short and not that it is complete.
static void drop(struct connection *connection, bool reset) {
    if (reset) {
        struct linger now = {.l_onoff = 1, .l_linger = 0};
        setsockopt(connection->tcp, SOL_SOCKET, SO_LINGER, &now, sizeof now);
    }
    close(connection->tcp);
    close(connection->unix_socket);
    free(connection);
}

static int64_t now_milliseconds(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static struct connection *accept_one(int listener) {
    int tcp = accept4(listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
    if (tcp < 0) return NULL;
    int on = 1;
    setsockopt(tcp, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    int outward = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    struct connection *connection = outward < 0 ? NULL : malloc(sizeof *connection);
    if (connection == NULL) {
        close(tcp);
        if (outward >= 0) close(outward);
        return NULL;
    }
    connection->tcp = tcp;
    connection->unix_socket = outward;
    connection->connected = false;
    connection->give_up_at = now_milliseconds() + RELAY_PATIENCE_MILLISECONDS;
    connection->out.start = connection->out.end = connection->in.start = connection->in.end = 0;
    connection->out.source_ended = connection->out.sink_closed = false;
    connection->in.source_ended = connection->in.sink_closed = false;
    return connection;
}

_Static_assert(
    RELAY_PATH_MAX + 1 == sizeof ((struct sockaddr_un *)0)->sun_path, "a socket's path has another length");

/// False when the gateway cannot be reached at all.
static bool try_connect(struct connection *connection, const char *path) {
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    memcpy(address.sun_path, path, strlen(path) + 1);
    if (connect(connection->unix_socket, (struct sockaddr *)&address, sizeof address) == 0) {
        connection->connected = true;
        return true;
    }
    return errno == EAGAIN && now_milliseconds() < connection->give_up_at;
}

/// Moves what can be moved without waiting. False: the connection is broken.
static bool pump(struct flow *flow, int source, int sink) {
    if (flow->start == flow->end && !flow->source_ended) {
        ssize_t count = read(source, flow->bytes, sizeof flow->bytes);
        if (count > 0) {
            flow->start = 0;
            flow->end = (size_t)count;
        } else if (count == 0) {
            flow->source_ended = true;
        } else if (errno != EAGAIN && errno != EINTR) {
            return false;
        }
    }
    while (flow->start < flow->end) {
        ssize_t count = send(sink, flow->bytes + flow->start, flow->end - flow->start, MSG_NOSIGNAL);
        if (count < 0) return errno == EAGAIN || errno == EINTR;
        flow->start += (size_t)count;
    }
    if (flow->source_ended && !flow->sink_closed) {
        shutdown(sink, SHUT_WR);
        flow->sink_closed = true;
    }
    return true;
}

static short awaited(const struct flow *incoming, const struct flow *outgoing) {
    short events = 0;
    if (incoming->start == incoming->end && !incoming->source_ended) events |= POLLIN;
    if (outgoing->start < outgoing->end) events |= POLLOUT;
    return events;
}

void relay_run(int listener, const char *path) {
    static struct connection *connections[RELAY_CONNECTIONS_MAX];
    static struct pollfd waits[1 + 2 * RELAY_CONNECTIONS_MAX];
    size_t count = 0;
    bool accepts = true;
    signal(SIGPIPE, SIG_IGN);
    for (;;) {
        // One that cannot be accepted, for want of descriptors, keeps the listener readable: it waits.
        int timeout = accepts ? -1 : RELAY_RETRY_MILLISECONDS;
        bool listens = accepts && count < RELAY_CONNECTIONS_MAX;
        waits[0] = (struct pollfd){.fd = listens ? listener : -1, .events = POLLIN};
        accepts = true;
        for (size_t index = 0; index < count; index++) {
            struct connection *connection = connections[index];
            struct pollfd *wait = &waits[1 + 2 * index];
            wait[0] = (struct pollfd){.fd = -1};
            wait[1] = (struct pollfd){.fd = -1};
            if (!connection->connected) {
                timeout = RELAY_RETRY_MILLISECONDS;
                continue;
            }
            // A socket nothing is wanted from is left out, or its POLLHUP would make the loop spin.
            wait[0].events = awaited(&connection->out, &connection->in);
            wait[1].events = awaited(&connection->in, &connection->out);
            if (wait[0].events != 0) wait[0].fd = connection->tcp;
            if (wait[1].events != 0) wait[1].fd = connection->unix_socket;
        }
        if (poll(waits, 1 + 2 * count, timeout) < 0 && errno != EINTR) _exit(EXIT_RELAY);

        size_t kept = 0;
        for (size_t index = 0; index < count; index++) {
            struct connection *connection = connections[index];
            bool alive = true;
            if (!connection->connected) {
                alive = try_connect(connection, path);
            } else if (waits[1 + 2 * index].revents != 0 || waits[2 + 2 * index].revents != 0) {
                alive = pump(&connection->out, connection->tcp, connection->unix_socket)
                    && pump(&connection->in, connection->unix_socket, connection->tcp);
            }
            bool finished = connection->out.sink_closed && connection->in.sink_closed;
            if (!alive || finished) {
                drop(connection, !alive);
            } else {
                connections[kept++] = connection;
            }
        }
        count = kept;
        if (waits[0].fd >= 0 && waits[0].revents != 0) {
            struct connection *connection = accept_one(listener);
            if (connection == NULL) {
                accepts = false;
                continue;
            }
            if (try_connect(connection, path)) {
                connections[count++] = connection;
            } else {
                drop(connection, true);
            }
        }
    }
}
