#include "sandbox-init.h"

#include <string.h>

int main(int argc, char **argv) {
    if (argc < 2) fail(EXIT_USAGE, 0, "say what to be: launch, init or probe");
    if (strcmp(argv[1], "launch") == 0) return launch(argc - 2, argv + 2);
    if (strcmp(argv[1], "init") == 0) return init(argc - 2, argv + 2);
    if (strcmp(argv[1], "probe") == 0) return probe(argc - 2, argv + 2);
    fail(EXIT_USAGE, 0, "'%s' is none of launch, init and probe", argv[1]);
}
