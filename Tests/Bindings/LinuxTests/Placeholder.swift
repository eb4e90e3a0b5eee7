enum LinuxTestsPlaceholder {}
