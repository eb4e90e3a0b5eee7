// How it refuses: one sentence on standard error, and an exit code that says what kind of thing went wrong.

#include "sandbox-init.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

void fail(int code, int error, const char *format, ...) {
    char sentence[512];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(sentence, sizeof sentence, format, arguments);
    va_end(arguments);
    if (error != 0) {
        dprintf(2, "sandbox-init: %s: %s.\n", sentence, strerror(error));
    } else {
        dprintf(2, "sandbox-init: %s.\n", sentence);
    }
    _exit(code);
}

unsigned long long number(const char *option, const char *text, unsigned long long max) {
    unsigned long long value = 0;
    if (*text == '\0') fail(EXIT_USAGE, 0, "%s needs a number", option);
    for (const char *digit = text; *digit != '\0'; digit++) {
        if (*digit < '0' || *digit > '9')
            fail(EXIT_USAGE, 0, "%s needs a decimal number, not '%s'", option, text);
        unsigned long long next = value * 10 + (unsigned long long)(*digit - '0');
        if (next > max || next < value)
            fail(EXIT_USAGE, 0, "%s is at most %llu, not '%s'", option, max, text);
        value = next;
    }
    return value;
}
