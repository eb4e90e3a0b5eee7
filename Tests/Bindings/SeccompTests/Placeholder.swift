enum SeccompTestsPlaceholder {}
