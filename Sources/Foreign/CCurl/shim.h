#pragma once
#include <curl/curl.h>

// Swift cannot call variadic C functions. One function per kind of argument; they can go when Swift can.

static inline CURLcode CCurl_setLong(CURL *_Nonnull handle, CURLoption option, long value) {
    return curl_easy_setopt(handle, option, value);
}

static inline CURLcode CCurl_setSize(CURL *_Nonnull handle, CURLoption option, curl_off_t value) {
    return curl_easy_setopt(handle, option, value);
}

static inline CURLcode CCurl_setString(
    CURL *_Nonnull handle, CURLoption option, const char *_Nullable value) {
    return curl_easy_setopt(handle, option, value);
}

static inline CURLcode CCurl_setPointer(
    CURL *_Nonnull handle, CURLoption option, const void *_Nullable value) {
    return curl_easy_setopt(handle, option, value);
}

typedef size_t (*CCurl_Callback)(char *_Nullable bytes, size_t size, size_t count, void *_Nullable context);

static inline CURLcode CCurl_setCallback(
    CURL *_Nonnull handle, CURLoption option, CCurl_Callback _Nonnull value) {
    return curl_easy_setopt(handle, option, value);
}

static inline CURLcode CCurl_getSize(CURL *_Nonnull handle, CURLINFO info, curl_off_t *_Nonnull value) {
    return curl_easy_getinfo(handle, info, value);
}

// CURL_GLOBAL_ALL and the fields of CURLMsg's union are a macro and a union: neither reaches Swift well.
static inline CURLcode CCurl_globalInit(void) { return curl_global_init(CURL_GLOBAL_ALL); }

static inline CURLcode CCurl_messageResult(const CURLMsg *_Nonnull message) { return message->data.result; }
