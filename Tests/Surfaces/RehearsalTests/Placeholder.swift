enum RehearsalTestsPlaceholder {}
