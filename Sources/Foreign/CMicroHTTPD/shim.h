#pragma once
#include <microhttpd.h>
#include <string.h>

// Swift cannot call variadic C functions, and `MHD_start_daemon` and `MHD_get_connection_info` are variadic.
// These can go when Swift can call them.

typedef void *_Nullable (*CMicroHTTPD_TargetCallback)(
    void *_Nullable context, const char *_Nullable target, struct MHD_Connection *_Nullable connection);

// The request target stays as it was sent: whoever decides on a path must see the bytes that were sent.
static inline size_t CMicroHTTPD_keepEscapes(void *context, struct MHD_Connection *connection, char *text) {
    (void)context;
    (void)connection;
    return strlen(text);
}

// One thread per connection, on a socket that already listens. The daemon owns `socket` from here, if it
// starts.
static inline struct MHD_Daemon *_Nullable CMicroHTTPD_start(
    int socket, unsigned int connectionsMax, size_t memoryPerConnection, unsigned int timeoutSeconds,
    MHD_AccessHandlerCallback _Nonnull handler, MHD_RequestCompletedCallback _Nonnull completed,
    MHD_NotifyConnectionCallback _Nonnull connected, CMicroHTTPD_TargetCallback _Nonnull target,
    void *_Nonnull context) {
    unsigned int flags =
        MHD_USE_INTERNAL_POLLING_THREAD | MHD_USE_THREAD_PER_CONNECTION | MHD_USE_POLL | MHD_USE_ITC;
    return MHD_start_daemon(
        flags, 0, NULL, NULL, handler, context,
        MHD_OPTION_LISTEN_SOCKET, socket,
        MHD_OPTION_CONNECTION_LIMIT, connectionsMax,
        MHD_OPTION_CONNECTION_MEMORY_LIMIT, memoryPerConnection,
        MHD_OPTION_CONNECTION_TIMEOUT, timeoutSeconds,
        MHD_OPTION_NOTIFY_COMPLETED, completed, context,
        MHD_OPTION_NOTIFY_CONNECTION, connected, context,
        MHD_OPTION_URI_LOG_CALLBACK, target, context,
        MHD_OPTION_UNESCAPE_CALLBACK, CMicroHTTPD_keepEscapes, context,
        MHD_OPTION_STRICT_FOR_CLIENT, 1,
        MHD_OPTION_END);
}

// The connection's socket, or -1.
static inline int CMicroHTTPD_socket(struct MHD_Connection *_Nonnull connection) {
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);
    return info == NULL ? -1 : (int)info->connect_fd;
}

static inline void CMicroHTTPD_setTimeout(struct MHD_Connection *_Nonnull connection, unsigned int seconds) {
    MHD_set_connection_option(connection, MHD_CONNECTION_OPTION_TIMEOUT, seconds);
}

// What the connection callback stored for this connection, or NULL.
static inline void *_Nullable CMicroHTTPD_context(struct MHD_Connection *_Nonnull connection) {
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
    return info == NULL ? NULL : info->socket_context;
}
